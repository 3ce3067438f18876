package tools

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
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
			return nil, fmt.Errorf("%q is not a range: give N, N-M, N- or -M, from 1 on", part)
		}
		spans = append(spans, s)
	}
	if len(spans) == 0 {
		return nil, errors.New("the list is empty")
	}
	return spans, nil
}

func listed(spans []span, n int) bool {
	for _, s := range spans {
		if n >= s.first && n <= s.last {
			return true
		}
	}
	return false
}

func cutCommand() command.Command {
	return command.Command{
		Name: "cut", Summary: "print some fields or bytes of each line", Operands: "[FILE…]",
		Forms: []string{"-f LIST [-d CHAR] [-s] [FILE…]", "-c LIST [FILE…]"},
		Text:  "LIST holds numbers and ranges, from 1 on: 1,3-5,7-.",
		Options: []command.Option{
			{Names: "-f, --fields", Value: "LIST", Check: checkSpans, Help: "print these fields; a line without CHAR is printed whole"},
			{Names: "-d, --delimiter", Value: "CHAR", Check: checkDelimiter, Help: "part fields at this byte instead of tabs"},
			{Names: "-s, --only-delimited", Help: "leave out lines without CHAR"},
			{Names: "-c, --characters", Value: "LIST", Check: checkSpans, Help: "print these bytes"},
		},
		Run: tool(cut),
	}
}

func checkSpans(list string) error {
	_, err := parseSpans(list)
	return err
}

func checkDelimiter(text string) error {
	if len(text) != 1 {
		return fmt.Errorf("expected one byte, got %q", text)
	}
	return nil
}

func cut(ctx context.Context, c *call) error {
	if c.Has("fields") == c.Has("characters") {
		return command.Usagef("expected either -f or -c")
	}
	spans, err := parseSpans(c.Text("fields") + c.Text("characters"))
	if err != nil {
		return err
	}
	by := []byte(cmp.Or(c.Text("delimiter"), "\t"))
	return c.eachInput(ctx, c.Args, func(_ string, r io.Reader) error {
		s := lines(r)
		for s.Scan() {
			line := s.Bytes()
			switch {
			case c.Has("characters"):
				line = cutBytes(line, spans)
			case bytes.Contains(line, by):
				line = cutFields(line, by, spans)
			case c.Flag("only-delimited"):
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
		if listed(spans, i+1) {
			kept = append(kept, b)
		}
	}
	return kept
}

func cutFields(line, by []byte, spans []span) []byte {
	var kept [][]byte
	n := 0
	for field := range bytes.SplitSeq(line, by) {
		if n++; listed(spans, n) {
			kept = append(kept, field)
		}
	}
	return bytes.Join(kept, by)
}
