package word

import "strings"

// unescape returns the text of $'…' (XCU 2.2.4). It ends at a NUL byte.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		c := text[i]
		switch {
		case strings.IndexByte(escapeLetters, c) >= 0:
			b.WriteByte(escapeValues[strings.IndexByte(escapeLetters, c)])
			continue
		case c == 'c' && i+1 < len(text):
			i++
			if text[i] == '\\' && i+1 < len(text) {
				i++
			}
			c = text[i]&0x1f | text[i]&0x80
			if text[i] == '?' {
				c = 0x7f
			}
		case c == 'x':
			width := digits(text[i+1:], "0123456789abcdefABCDEF", 2)
			c = number(text[i+1:i+1+width], 16)
			i += width
		case '0' <= c && c <= '7':
			width := digits(text[i:], "01234567", 3)
			c = number(text[i:i+width], 8)
			i += width - 1
		default:
			b.WriteByte('\\')
		}
		if c == 0 {
			break
		}
		b.WriteByte(c)
	}
	return b.String()
}

const (
	escapeLetters = `"'\abefnrtv`
	escapeValues  = "\"'\\\a\b\x1b\f\n\r\t\v"
)

// digits returns how many of the digits text begins with, at most limit.
func digits(text, of string, limit int) int {
	n := 0
	for n < len(text) && n < limit && strings.IndexByte(of, text[n]) >= 0 {
		n++
	}
	return n
}

func number(digits string, base int) byte {
	value := 0
	for i := range len(digits) {
		d := int(digits[i])
		if d >= 'A' {
			d = d&7 + 9
		} else {
			d -= '0'
		}
		value = value*base + d
	}
	return byte(value)
}
