package tools

import (
	"context"
	"fmt"
	"io"
	"strings"

	"bootrc/kit/command"
	"bootrc/sh/builtin"
	"bootrc/sh/pattern"
)

func trCommand() command.Command {
	return command.Command{
		Name: "tr", Summary: "translate, delete or squeeze bytes", Operands: "SET1 [SET2]", OptionsFirst: true, Run: tool(tr),
		Forms: []string{"[-cs] SET1 SET2", "-s [-c] SET1", "-d [-c] SET1", "-ds [-c] SET1 SET2"},
		Text:  `A set holds bytes, ranges such as a-z, classes such as [:upper:], and escapes such as \n and \012.`,
		Options: []command.Option{
			{Names: "-c, -C, --complement", Help: "take all bytes that are not in SET1"},
			{Names: "-d, --delete", Help: "delete the bytes in SET1"},
			{Names: "-s, --squeeze-repeats", Help: "print one where the same byte of the last set repeats"},
		},
	}
}

func tr(_ context.Context, c *call) error {
	del, squeeze := c.Flag("delete"), c.Flag("squeeze-repeats")
	from, to, err := trSets(c.Args, c.Flag("complement"))
	if err != nil {
		return command.Usagef("%w", err)
	}
	if del == (len(to) > 0) && !squeeze {
		return command.Usagef("expected SET1 alone with -d, else SET1 and SET2")
	}
	t := &translation{}
	for i := range t.to {
		t.to[i] = byte(i)
	}
	last := from
	if del {
		for _, b := range from {
			t.drop[b] = true
		}
	} else if len(to) > 0 {
		for i, b := range from {
			t.to[b] = to[min(i, len(to)-1)]
		}
	}
	if len(to) > 0 {
		last = to
	}
	if squeeze {
		for _, b := range last {
			t.squeeze[b] = true
		}
	}
	return t.run(c.out, c.Stdin)
}

func trSets(operands []string, complement bool) (from, to []byte, err error) {
	if from, err = byteSet(operands[0]); err != nil {
		return nil, nil, err
	}
	if complement {
		var in [256]bool
		for _, b := range from {
			in[b] = true
		}
		from = nil
		for i := range in {
			if !in[i] {
				from = append(from, byte(i))
			}
		}
	}
	if len(operands) == 2 {
		if to, err = byteSet(operands[1]); err == nil && len(to) == 0 {
			err = fmt.Errorf("SET2 is empty")
		}
	}
	return from, to, err
}

// translation says what becomes of each byte.
type translation struct {
	to            [256]byte
	drop, squeeze [256]bool
}

func (t *translation) run(w io.Writer, r io.Reader) error {
	buffer := make([]byte, 32<<10)
	last := -1
	for {
		n, err := r.Read(buffer)
		out := buffer[:0]
		for _, b := range buffer[:n] {
			if t.drop[b] {
				continue
			}
			b = t.to[b]
			if t.squeeze[b] && int(b) == last {
				continue
			}
			last = int(b)
			out = append(out, b)
		}
		if _, err := w.Write(out); err != nil {
			return err
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// byteSet lists the bytes of a set: ranges a-z, classes [:alpha:], escapes \n and \012.
func byteSet(s string) ([]byte, error) {
	var set []byte
	for s != "" {
		if strings.HasPrefix(s, "[:") && strings.Contains(s, ":]") {
			name, rest, _ := strings.Cut(s[2:], ":]")
			class, err := classBytes(name)
			if err != nil {
				return nil, err
			}
			set, s = append(set, class...), rest
			continue
		}
		first, rest := firstByte(s)
		s = rest
		if len(s) < 2 || s[0] != '-' {
			set = append(set, first)
			continue
		}
		last, rest := firstByte(s[1:])
		if last < first {
			return nil, fmt.Errorf("the range %q runs backwards", string([]byte{first, '-', last}))
		}
		for b := int(first); b <= int(last); b++ {
			set = append(set, byte(b))
		}
		s = rest
	}
	return set, nil
}

// firstByte returns the first byte that s, which is not empty, stands for, and the rest.
func firstByte(s string) (byte, string) {
	if c, width := builtin.Escape(s, false); s[0] == '\\' && width > 0 {
		return c, s[width:]
	}
	if s[0] == '\\' && len(s) > 1 {
		s = s[1:]
	}
	return s[0], s[1:]
}

func classBytes(name string) ([]byte, error) {
	in, known := pattern.Class(name)
	if !known {
		return nil, fmt.Errorf("unknown class [:%s:]", name)
	}
	var set []byte
	for i := range 128 {
		if in(byte(i)) {
			set = append(set, byte(i))
		}
	}
	return set, nil
}
