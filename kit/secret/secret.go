// Package secret finds what must not be shown in texts that every domain has: URLs, and
// values with names such as PASSWORD.
package secret

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// telling are the parts of a name that make its value secret.
var telling = []string{"password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "signature", "authorization", "jwt"}

// IsName tells whether what has that name is secret: a variable, an option of mount(8),
// a parameter of a query. The name of a file with a secret is not.
func IsName(name string) bool {
	name = strings.TrimRight(strings.ToLower(name), "0123456789")
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return false
	}
	switch words[len(words)-1] {
	case "file", "path", "dir":
		return false
	case "key", "pass", "pwd", "sig", "pat", "pem", "cookie":
		return true
	}
	return slices.Contains(words, "auth") || tells(name)
}

func tells(name string) bool {
	return slices.ContainsFunc(telling, func(part string) bool { return strings.Contains(name, part) })
}

// Assigned returns the value of NAME=VALUE, if it is secret. Truth values and small
// numbers are not, whatever their name: to mask "true" or "4096" everywhere would hide
// the log.
func Assigned(assignment string) []string {
	name, value, ok := strings.Cut(assignment, "=")
	if !ok || !IsName(name) {
		return nil
	}
	if _, err := strconv.ParseBool(value); err == nil {
		return nil
	}
	if _, err := strconv.ParseUint(value, 10, 23); err == nil {
		return nil
	}
	return []string{value}
}

// InCommands returns what is secret in the words or the script of a shell, beside URLs, where
// a name tells it: NAME=VALUE, --NAME=VALUE, --NAME VALUE, and headers such as
// Authorization: Bearer VALUE. Only names that leave no doubt count: scripts have many a key=.
func InCommands(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'`;&|()<>", r) })
	words = append(words, "", "") // what follows the last
	var all []string
	for i, word := range words[:len(words)-2] {
		name, _, assigned := strings.Cut(strings.ToLower(word), "=")
		header, isHeader := strings.CutSuffix(word, ":")
		isHeader = isHeader && IsName(header) && (strings.Contains(header, "-") || strings.EqualFold(header, "Authorization"))
		switch {
		case assigned && tells(name):
			all = append(all, Assigned(strings.TrimLeft(word, "-"))...)
		case isHeader && slices.Contains(schemes, strings.ToLower(words[i+1])):
			all = append(all, words[i+2])
		case isHeader:
			all = append(all, words[i+1])
		case !assigned && strings.HasPrefix(word, "--") && IsName(word) && tells(name) && !strings.HasPrefix(words[i+1], "-"):
			all = append(all, words[i+1])
		}
	}
	return all
}

// schemes are those of HTTP's Authorization (RFC 9110, section 11.1).
var schemes = []string{"basic", "bearer", "token"}

// InURLs returns what is secret of all URLs in a text: the password before the host, and
// in whole and in parts where it has colons, as MC_HOST_* has them; values of a query
// whose names tell it.
func InURLs(text string) []string {
	var all []string
	for {
		_, after, ok := strings.Cut(text, "://")
		if !ok {
			return all
		}
		address := after
		if end := strings.IndexFunc(after, isNoURL); end >= 0 {
			address = after[:end]
		}
		all = append(all, passwords(address)...)
		all = append(all, inQuery(address)...)
		text = after
	}
}

func isNoURL(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`"'<>`, r) }

// longUser is from how many bytes on a user without a password is a secret.
const longUser = 20

// passwords are those of USER:PASSWORD@HOST…. An @ belongs to the password where another
// follows; where the rest is no host, a password may have what should have been escaped.
func passwords(address string) []string {
	authority := address
	if end := strings.IndexAny(address, "/?#"); end >= 0 {
		authority = address[:end]
	}
	if _, port, ok := strings.Cut(authority, ":"); ok && !strings.Contains(authority, "@") && !isPort(port) {
		authority = address
	}
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		return nil
	}
	user, password, ok := strings.Cut(authority[:at], ":")
	if !ok && len(user) >= longUser {
		return decoded(user) // a token, as git's servers take it
	}
	if !ok {
		return nil
	}
	all := decoded(password)
	if strings.Contains(password, ":") {
		for part := range strings.SplitSeq(password, ":") {
			all = append(all, decoded(part)...)
		}
	}
	return all
}

// isPort tells a port, or what follows one in a list.
func isPort(text string) bool {
	digits := strings.TrimLeft(text, "0123456789")
	return digits == "" || digits[0] == ',' && len(digits) < len(text) || strings.HasPrefix(text, ":") || strings.HasSuffix(text, "]")
}

func inQuery(address string) []string {
	_, query, ok := strings.Cut(address, "?")
	if !ok {
		return nil
	}
	query, _, _ = strings.Cut(query, "#")
	var all []string
	for parameter := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' || r == ',' }) {
		if name, value, _ := strings.Cut(parameter, "="); IsName(name) {
			all = append(all, decoded(value)...)
		}
	}
	return all
}

// decoded is a part of a URL as it was written and as it is meant.
func decoded(text string) []string {
	if plain, err := url.PathUnescape(text); err == nil && plain != text {
		return []string{text, plain}
	}
	return []string{text}
}
