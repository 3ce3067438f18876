package tools

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// comparison tells how two lines follow each other.
type comparison func(a, b []byte) int

// sortOrder is the order that the options of sort ask for, with its direction.
func sortOrder(c *call) (comparison, error) {
	whole := letters(c.Flag("numeric-sort"), c.Flag("human-numeric-sort"), c.Flag("reverse"))
	keys := c.List("key")
	if len(keys) == 0 {
		return ordered(whole), nil
	}
	separator := c.Text("field-separator")
	if len(separator) > 1 {
		return nil, c.Wrong("field-separator", fmt.Errorf("expected one character, got %q", separator))
	}
	var all []comparison
	for _, text := range keys {
		k, err := parseKey(text, separator)
		if err != nil {
			return nil, c.Wrong("key", err)
		}
		how := k.how
		if how == "" {
			how = whole
		}
		compare := ordered(how)
		all = append(all, func(a, b []byte) int { return compare(k.of(a), k.of(b)) })
	}
	return func(a, b []byte) int {
		for _, compare := range all {
			if order := compare(a, b); order != 0 {
				return order
			}
		}
		return 0
	}, nil
}

func letters(numeric, human, reverse bool) string {
	how := ""
	for letter, on := range map[string]bool{"n": numeric, "h": human, "r": reverse} {
		if on {
			how += letter
		}
	}
	return how
}

// ordered is the order by letters: n for numbers, h for those with a unit, r for the other way round.
func ordered(how string) comparison {
	compare := bytes.Compare
	switch {
	case strings.Contains(how, "h"):
		compare = compareHuman
	case strings.Contains(how, "n"):
		compare = compareNumbers
	}
	if strings.Contains(how, "r") {
		return func(a, b []byte) int { return -compare(a, b) }
	}
	return compare
}

// compareHuman compares numbers with a unit, as du -h prints them: the unit counts first.
func compareHuman(a, b []byte) int {
	return cmp.Or(cmp.Compare(unitOf(a), unitOf(b)), compareNumbers(a, b))
}

func unitOf(line []byte) int {
	line = bytes.TrimLeft(line, " \t")
	negative := bytes.HasPrefix(line, []byte("-"))
	line = bytes.TrimLeft(line, "-0123456789.")
	unit := 0
	if len(line) > 0 {
		unit = strings.IndexByte("KMGTPE", bytes.ToUpper(line[:1])[0]) + 1
	}
	if negative {
		return -unit
	}
	return unit
}

// sortKey is a part of a line: fields from first to last, which is 0 for the line's end.
type sortKey struct {
	first, last int
	separator   string
	how         string
}

func parseKey(text, separator string) (sortKey, error) {
	k := sortKey{separator: separator}
	from, to, ranged := strings.Cut(text, ",")
	var err error
	if k.first, err = k.position(from); err == nil && ranged {
		k.last, err = k.position(to)
	}
	if err != nil || k.first < 1 {
		return k, fmt.Errorf("expected a field's number from 1 on, and maybe n, h or r, got %q", text)
	}
	return k, nil
}

func (k *sortKey) position(text string) (int, error) {
	digits := strings.TrimRight(text, "nhrb")
	k.how += strings.ReplaceAll(text[len(digits):], "b", "")
	return strconv.Atoi(digits)
}

// of is the key in a line. Without a separator a field begins with the blanks before it (XCU, sort).
func (k *sortKey) of(line []byte) []byte {
	start, end := k.border(line, k.first-1), len(line)
	if k.last > 0 {
		end = k.border(line, k.last)
		if k.separator != "" && bytes.Count(line[:end], []byte(k.separator)) == k.last {
			end--
		}
	}
	return line[min(start, end):end]
}

// border is where a field begins of which so many stand before.
func (k *sortKey) border(line []byte, fields int) int {
	at := 0
	for ; fields > 0 && at < len(line); fields-- {
		if k.separator != "" {
			i := bytes.IndexByte(line[at:], k.separator[0])
			if i < 0 {
				return len(line)
			}
			at += i + 1
			continue
		}
		for at < len(line) && (line[at] == ' ' || line[at] == '\t') {
			at++
		}
		for at < len(line) && line[at] != ' ' && line[at] != '\t' {
			at++
		}
	}
	return at
}
