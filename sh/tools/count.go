package tools

import (
	"context"
	"io"
	"math"
	"strconv"
	"strings"

	"bootrc/kit/command"
)

func wc(ctx context.Context, c *call) error {
	o := newOptions()
	wantLines, wantWords, wantBytes := o.flag("l", "lines"), o.flag("w", "words"), o.flag("c", "bytes")
	names, err := o.parse(c.Args, 0, -1)
	if err != nil {
		return err
	}
	if !*wantLines && !*wantWords && !*wantBytes {
		*wantLines, *wantWords, *wantBytes = true, true, true
	}
	show := func(n counts, name string) {
		var columns []string
		for i, wanted := range []bool{*wantLines, *wantWords, *wantBytes} {
			if wanted {
				columns = append(columns, strconv.FormatInt(n[i], 10))
			}
		}
		if name != "" {
			columns = append(columns, name)
		}
		c.Printf("%s\n", strings.Join(columns, " "))
	}
	var total counts
	err = c.eachInput(ctx, names, func(name string, r io.Reader) error {
		var n counts
		err := n.read(r)
		for i := range n {
			total[i] += n[i]
		}
		if len(names) == 0 {
			name = ""
		}
		show(n, name)
		return err
	})
	if err == nil && len(names) > 1 {
		show(total, "total")
	}
	return err
}

// counts is lines, words and bytes.
type counts [3]int64

func (n *counts) read(r io.Reader) error {
	buffer := make([]byte, 64<<10)
	inWord := false
	for {
		got, err := r.Read(buffer)
		for _, b := range buffer[:got] {
			switch b {
			case '\n':
				n[0]++
				inWord = false
			case ' ', '\t', '\r', '\v', '\f':
				inWord = false
			default:
				if !inWord {
					n[1]++
				}
				inWord = true
			}
		}
		n[2] += int64(got)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func seq(ctx context.Context, c *call) error {
	// a negative number is no option
	if len(c.Args) == 0 || len(c.Args) > 3 {
		return command.Usagef("give one to three numbers")
	}
	numbers := []int64{1, 1, 0}
	var given []int64
	for _, arg := range c.Args {
		n, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return command.Usagef("%q is not a whole number", arg)
		}
		given = append(given, n)
	}
	numbers[2] = given[len(given)-1]
	copy(numbers, given[:len(given)-1])
	first, step, last := numbers[0], numbers[1], numbers[2]
	if step == 0 {
		return command.Usagef("the step is 0")
	}
	for n := first; step > 0 && n <= last || step < 0 && n >= last; n += step {
		if _, err := c.out.WriteString(strconv.FormatInt(n, 10) + "\n"); err != nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if step > 0 && n > math.MaxInt64-step || step < 0 && n < math.MinInt64-step {
			break
		}
	}
	return nil
}
