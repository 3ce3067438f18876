package tools

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"

	"bootrc/kit/command"
)

func sortCommand() command.Command {
	return command.Command{
		Name: "sort", Summary: "print lines sorted", Operands: "[FILE…]", Run: tool(sortLines),
		Options: []command.Option{
			{Names: "-n, --numeric-sort", Help: "sort by the number that a line begins with"},
			{Names: "-r, --reverse", Help: "reverse the order"},
			{Names: "-h, --human-numeric-sort", Help: "sort by numbers with a unit, such as 2K and 1G"},
			{Names: "-k, --key", Value: "FIELD[,LAST]", Kind: command.List, Help: "sort by this field, up to LAST or the line's end; n, r and h behind it mean its order"},
			{Names: "-t, --field-separator", Value: "CHAR", Help: "part fields at CHAR, and not where blanks begin"},
			{Names: "-u, --unique", Help: "print only the first of equal lines"},
		},
	}
}

func sortLines(ctx context.Context, c *call) error {
	reverse, unique := c.Flag("reverse"), c.Flag("unique")
	var all [][]byte
	err := c.eachInput(ctx, c.Args, func(_ string, r io.Reader) error {
		s := lines(r)
		for s.Scan() {
			all = append(all, bytes.Clone(s.Bytes()))
		}
		return s.Err()
	})
	if err != nil {
		return err
	}
	if c.failed {
		return command.Status(2)
	}
	key, err := sortOrder(c)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b []byte) int {
		order := key(a, b)
		if order == 0 && !unique {
			order = bytes.Compare(a, b)
			if reverse {
				order = -order
			}
		}
		return order
	})
	for i, line := range all {
		if unique && i > 0 && key(all[i-1], line) == 0 {
			continue
		}
		c.out.Write(line)
		c.out.WriteByte('\n')
	}
	return nil
}

// compareNumbers compares by the number that each line starts with, of any
// length; none counts as 0 (XCU, sort, -n).
func compareNumbers(a, b []byte) int {
	aMinus, aWhole, aPart := splitNumber(a)
	bMinus, bWhole, bPart := splitNumber(b)
	if aMinus != bMinus {
		if aMinus {
			return -1
		}
		return 1
	}
	order := cmp.Or(cmp.Compare(len(aWhole), len(bWhole)), bytes.Compare(aWhole, bWhole), bytes.Compare(aPart, bPart))
	if aMinus {
		return -order
	}
	return order
}

// splitNumber returns the digits before and after the point, without the zeros
// that change nothing. Zero is never negative.
func splitNumber(line []byte) (minus bool, whole, part []byte) {
	line = bytes.TrimLeft(line, " \t")
	line, minus = bytes.CutPrefix(line, []byte("-"))
	digits := func() []byte {
		n := 0
		for n < len(line) && line[n] >= '0' && line[n] <= '9' {
			n++
		}
		found := line[:n]
		line = line[n:]
		return found
	}
	whole = bytes.TrimLeft(digits(), "0")
	if len(line) > 0 && line[0] == '.' {
		line = line[1:]
		part = bytes.TrimRight(digits(), "0")
	}
	return minus && len(whole)+len(part) > 0, whole, part
}

func uniqCommand() command.Command {
	return command.Command{
		Name: "uniq", Summary: "drop lines equal to the one before", Operands: "[FILE]", Run: tool(uniq),
		Options: []command.Option{
			{Names: "-c, --count", Help: "print how many times each came"},
			{Names: "-d, --repeated", Help: "print only lines that came more than once"},
			{Names: "-u, --unique", Help: "print only lines that came once"},
		},
	}
}

func uniq(ctx context.Context, c *call) error {
	count, repeated, single := c.Flag("count"), c.Flag("repeated"), c.Flag("unique")
	show := func(line []byte, times int) {
		switch {
		case times == 0, repeated && times == 1, single && times > 1:
		case count:
			c.Printf("%7d %s\n", times, line)
		default:
			c.Printf("%s\n", line)
		}
	}
	return c.eachInput(ctx, c.Args, func(_ string, r io.Reader) error {
		var last []byte
		times := 0
		s := lines(r)
		for s.Scan() {
			if times == 0 || !bytes.Equal(s.Bytes(), last) {
				show(last, times)
				last, times = append(last[:0], s.Bytes()...), 0
			}
			times++
		}
		show(last, times)
		return s.Err()
	})
}
