package tools

import (
	"bytes"
	"context"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"

	"bootrc/kit/command"
)

// span is a range of fields or bytes, from 1, both ends in it.
type span struct{ first, last int }

func parseSpans(list string) ([]span, error) {
	var spans []span
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		s := span{1, math.MaxInt}
		first, last, isRange := strings.Cut(part, "-")
		var err, lastErr error
		if first != "" {
			s.first, err = strconv.Atoi(first)
		}
		if last != "" {
			s.last, lastErr = strconv.Atoi(last)
		}
		if !isRange {
			s.last = s.first
		}
		if err != nil || lastErr != nil || part == "-" || s.first < 1 || s.last < s.first {
			return nil, command.Usagef("%q is not a range: give N, N-M, N- or -M, from 1 on", part)
		}
		spans = append(spans, s)
	}
	if len(spans) == 0 {
		return nil, command.Usagef("the list of fields is empty")
	}
	return spans, nil
}

func within(spans []span, n int) bool {
	for _, s := range spans {
		if n >= s.first && n <= s.last {
			return true
		}
	}
	return false
}

func cut(ctx context.Context, c *call) error {
	o := newOptions()
	fields, by, chars := o.text("f", "fields", ""), o.text("d", "delimiter", "\t"), o.text("c", "characters", "")
	only := o.flag("s", "only-delimited")
	names, err := o.parse(c.Args, 0, -1)
	if err != nil {
		return err
	}
	if (*fields == "") == (*chars == "") {
		return command.Usagef("give either -f or -c")
	}
	if len(*by) != 1 {
		return command.Usagef("-d %q: not one character", *by)
	}
	spans, err := parseSpans(*fields + *chars)
	if err != nil {
		return err
	}
	return c.eachInput(ctx, names, func(_ string, r io.Reader) error {
		s := lines(r)
		for s.Scan() {
			line := s.Bytes()
			switch {
			case *chars != "":
				line = cutBytes(line, spans)
			case bytes.IndexByte(line, (*by)[0]) >= 0:
				line = cutFields(line, []byte(*by), spans)
			case *only:
				continue
			}
			c.out.Write(line)
			c.out.WriteByte('\n')
		}
		return s.Err()
	})
}

func cutBytes(line []byte, spans []span) []byte {
	kept := make([]byte, 0, len(line))
	for i, b := range line {
		if within(spans, i+1) {
			kept = append(kept, b)
		}
	}
	return kept
}

func cutFields(line, by []byte, spans []span) []byte {
	var kept [][]byte
	n := 0
	for field := range bytes.SplitSeq(line, by) {
		if n++; within(spans, n) {
			kept = append(kept, field)
		}
	}
	return bytes.Join(kept, by)
}
