package tools

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"bootrc/kit/command"
)

func hexdump(ctx context.Context, c *call) error {
	o := newOptions()
	o.flag("C", "canonical") // the only form there is
	length, skip := o.text("n", "length", ""), o.text("s", "skip", "0")
	names, err := o.parse(c.Args, 0, 1)
	if err != nil {
		return err
	}
	limit := int64(1<<63 - 1)
	if *length != "" {
		if limit, err = parseSize(*length); err != nil {
			return command.Usagef("%w", err)
		}
	}
	start, err := parseSize(*skip)
	if err != nil {
		return command.Usagef("%w", err)
	}
	return c.eachInput(ctx, names, func(_ string, r io.Reader) error {
		if _, err := io.CopyN(io.Discard, r, start); err != nil && err != io.EOF {
			return err
		}
		return dump(c.out, io.LimitReader(r, limit), start)
	})
}

// dump prints 16 bytes a line; lines equal to the one before shrink to one "*".
func dump(w io.Writer, r io.Reader, offset int64) error {
	var line, last [16]byte
	same, starred := false, false
	for {
		n, err := io.ReadFull(r, line[:])
		same = n == 16 && same && line == last
		switch {
		case same && !starred:
			fmt.Fprintln(w, "*")
			starred = true
		case !same && n > 0:
			fmt.Fprintf(w, "%08x  %-23s  %-23s  |%s|\n", offset, fmt.Sprintf("% x", line[:min(n, 8)]),
				fmt.Sprintf("% x", line[min(n, 8):n]), printable(line[:n]))
			starred = false
		}
		offset += int64(n)
		last, same = line, true
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if offset > 0 {
				fmt.Fprintf(w, "%08x\n", offset)
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func printable(b []byte) []byte {
	text := bytes.Clone(b)
	for i, c := range text {
		if c < ' ' || c > '~' {
			text[i] = '.'
		}
	}
	return text
}

func base64Command(ctx context.Context, c *call) error {
	o := newOptions()
	decode, wrap := o.flag("d", "decode"), o.number("w", "wrap", 76)
	names, err := o.parse(c.Args, 0, 1)
	if err != nil {
		return err
	}
	return c.eachInput(ctx, names, func(_ string, r io.Reader) error {
		if *decode {
			_, err := io.Copy(c.out, base64.NewDecoder(base64.StdEncoding, r))
			return err
		}
		w := &wrapper{w: c.out, width: *wrap}
		encoder := base64.NewEncoder(base64.StdEncoding, w)
		_, err := io.Copy(encoder, r)
		err = errors.Join(err, encoder.Close())
		if w.column > 0 && *wrap > 0 {
			fmt.Fprintln(c.out)
		}
		return err
	})
}

// wrapper breaks what is written after every width bytes, 0 for never.
type wrapper struct {
	w             io.Writer
	width, column int
}

func (w *wrapper) Write(p []byte) (int, error) {
	if w.width == 0 {
		return w.w.Write(p)
	}
	for rest := p; len(rest) > 0; {
		n := min(w.width-w.column, len(rest))
		if _, err := w.w.Write(rest[:n]); err != nil {
			return 0, err
		}
		rest, w.column = rest[n:], w.column+n
		if w.column == w.width {
			io.WriteString(w.w, "\n")
			w.column = 0
		}
	}
	return len(p), nil
}
