// Package foreign prepares text that others wrote, such as a server's message, a name in
// an archive or what DHCP gave, for the console.
package foreign

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// longest is how many bytes of a text are shown: a path of 4 KiB, twice.
const longest = 8 << 10

// Line returns text as a part of one line. What would begin another line, move the
// cursor, change the terminal or hide something is written as Go writes it in quotes:
// control characters, invisible ones, those that change the direction of writing, and
// what is no UTF-8. A tab stays. A text that is too long ends in "…".
func Line(text string) string {
	cut := text
	if len(text) > longest {
		cut = text[:longest]
	}
	var line strings.Builder
	for len(cut) > 0 {
		r, size := utf8.DecodeRuneInString(cut)
		if strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) || r == '\t' {
			line.WriteRune(r)
		} else {
			quoted := strconv.Quote(cut[:size])
			line.WriteString(quoted[1 : len(quoted)-1])
		}
		cut = cut[size:]
	}
	if len(text) > longest {
		line.WriteString("…")
	}
	return line.String()
}

const indent = "  "

// Text returns a message of several lines, some of them perhaps others', each as Line
// has it, and all but the first indented: none can pass for a message of its own.
func Text(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Line(line)
		if i > 0 && !strings.HasPrefix(line, indent) {
			lines[i] = indent + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}
