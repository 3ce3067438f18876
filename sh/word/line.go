package word

import "strings"

// SplitLine splits a line into at most most fields, for `read` (XCU 2.6.5). The last
// takes all that is left, without white space of ifs at its end. A byte of line whose
// place in literal is true separates nothing; literal may be nil.
func SplitLine(line string, literal []bool, ifs string, most int) []string {
	l := lineSplitter{line, literal, ifs}
	var fields []string
	for i := l.skipSpace(0); i < len(line); {
		end := i
		for end < len(line) && !l.separates(end) {
			end++
		}
		next := l.skipSpace(end)
		if next < len(line) && l.separates(next) {
			next = l.skipSpace(next + 1)
		}
		if len(fields) == most-1 && next < len(line) {
			end = l.trimSpace(i)
			next = len(line)
		}
		fields = append(fields, line[i:end])
		i = next
	}
	return fields
}

type lineSplitter struct {
	line    string
	literal []bool
	ifs     string
}

func (l lineSplitter) separates(i int) bool {
	return strings.IndexByte(l.ifs, l.line[i]) >= 0 && (l.literal == nil || !l.literal[i])
}

func (l lineSplitter) isSpace(i int) bool {
	return strings.IndexByte(defaultSeparators, l.line[i]) >= 0 && l.separates(i)
}

func (l lineSplitter) skipSpace(i int) int {
	for i < len(l.line) && l.isSpace(i) {
		i++
	}
	return i
}

// trimSpace returns where the white space at the line's end begins, not before begin.
func (l lineSplitter) trimSpace(begin int) int {
	end := len(l.line)
	for end > begin && l.isSpace(end-1) {
		end--
	}
	return end
}
