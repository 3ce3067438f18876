package cmdline

import "strings"

// fromGRUB undoes what GRUB does to the arguments of its linux command, or returns a
// line that is not GRUB's as it is. GRUB deletes the quotes that were typed, puts a
// backslash before each quote and backslash that is left in an argument, but before
// none of \xHH, and an argument with a space as a whole into double quotes. A line
// without such escapes can be any boot loader's.
func fromGRUB(line string) string {
	if !strings.HasPrefix(line, "BOOT_IMAGE=") {
		return line
	}
	var words []string
	for rest := line; rest != ""; rest = strings.TrimLeft(rest, separators) {
		word, behind, ok := nextGRUBWord(rest)
		if !ok {
			return line
		}
		words = append(words, Quote(word))
		rest = behind
	}
	return strings.Join(words, " ")
}

// nextGRUBWord decodes the first word of a line; it is not ok where GRUB would have
// written it otherwise.
func nextGRUBWord(line string) (word, rest string, ok bool) {
	ends := separators
	if line[0] == '"' {
		ends, line = `"`, line[1:]
	}
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case strings.IndexByte(ends, c) >= 0:
			rest = line[i+1:]
			return b.String(), rest, c != '"' || rest == "" || isSpace(rest[0])
		case c == '\\' && i+1 < len(line) && strings.IndexByte(`\'"`, line[i+1]) >= 0:
			i++
			b.WriteByte(line[i])
		case c == '\'' || c == '"' || c == '\\' && !isHexEscape(line[i:]):
			return "", "", false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", ends != `"`
}

// isHexEscape tells whether a text begins with \xHH.
func isHexEscape(text string) bool {
	return len(text) >= 4 && text[1] == 'x' && isHex(text[2]) && isHex(text[3])
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }
