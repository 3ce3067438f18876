package registry

import "strings"

// parseChallenges reads WWW-Authenticate headers, RFC 9110 section 11.6.1: the
// parameters of each scheme, schemes and parameters in lower case.
func parseChallenges(headers []string) map[string]map[string]string {
	challenges := make(map[string]map[string]string)
	for _, header := range headers {
		parseChallenge(header, challenges)
	}
	return challenges
}

func parseChallenge(s string, challenges map[string]map[string]string) {
	var parameters map[string]string
	for {
		s = strings.TrimLeft(s, " \t,")
		if s == "" {
			return
		}
		end := strings.IndexAny(s, " \t,=")
		if end < 0 {
			end = len(s)
		}
		word := strings.ToLower(s[:end])
		s = strings.TrimLeft(s[end:], " \t")
		if !strings.HasPrefix(s, "=") || word == "" {
			if word == "" {
				return
			}
			parameters = make(map[string]string)
			if _, ok := challenges[word]; !ok {
				challenges[word] = parameters
			}
			continue
		}
		var value string
		value, s = cutValue(strings.TrimLeft(s[1:], " \t"))
		if parameters != nil {
			parameters[word] = value
		}
	}
}

// cutValue takes a token or a quoted string from the beginning of s.
func cutValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, " \t,")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}
