package tools

import (
	"context"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"
)

func wcCommand() command.Command {
	return command.Command{
		Name: "wc", Summary: "count lines, words and bytes", Operands: "[FILE…]", Run: tool(wc),
		Options: []command.Option{
			{Names: "-l, --lines", Help: "print the number of lines"},
			{Names: "-w, --words", Help: "print the number of words"},
			{Names: "-c, --bytes", Help: "print the number of bytes"},
		},
	}
}

func wc(ctx context.Context, c *call) error {
	wanted := []bool{c.Flag("lines"), c.Flag("words"), c.Flag("bytes")}
	all, names := !slices.Contains(wanted, true), c.Args
	show := func(n counts, name string) {
		var columns []string
		for i := range wanted {
			if wanted[i] || all {
				columns = append(columns, strconv.FormatInt(n[i], 10))
			}
		}
		if name != "" {
			columns = append(columns, name)
		}
		c.Printf("%s\n", strings.Join(columns, " "))
	}
	var total counts
	err := c.eachInput(ctx, names, func(name string, r io.Reader) error {
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

func seqCommand() command.Command {
	return command.Command{
		Name: "seq", Summary: "print whole numbers", Operands: "NUMBER [NUMBER] [NUMBER]", Forms: []string{"[FIRST [STEP]] LAST"},
		Literal: true, // a negative number is no option
		Run:     tool(seq),
	}
}

func seq(ctx context.Context, c *call) error {
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
