package builtin

import "strings"

const (
	escapeLetters = `\abefnrtv`
	escapeValues  = "\\\a\b\x1b\f\n\r\t\v"
)

// unescape replaces the escapes of echo and of printf's %b, whose octal numbers may
// have a zero before them; stop tells that \c ended the output.
func unescape(text string, zero bool) (out string, stop bool) {
	var b strings.Builder
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			i++
			continue
		}
		if strings.HasPrefix(text[i:], `\c`) {
			return b.String(), true
		}
		c, width := Escape(text[i:], zero)
		if width == 0 {
			c, width = '\\', 1
		}
		b.WriteByte(c)
		i += width
	}
	return b.String(), false
}

// Escape reads the escape that text begins with, and returns its width, or 0 if it is
// none. zero allows \0 before three octal digits.
func Escape(text string, zero bool) (c byte, width int) {
	if len(text) < 2 {
		return 0, 0
	}
	if k := strings.IndexByte(escapeLetters, text[1]); k >= 0 {
		return escapeValues[k], 2
	}
	width, limit := 1, 4
	if zero && text[1] == '0' {
		limit = 5
	}
	for width < len(text) && width < limit && '0' <= text[width] && text[width] <= '7' {
		c = c<<3 + text[width] - '0'
		width++
	}
	if width == 1 {
		return 0, 0
	}
	return c, width
}
