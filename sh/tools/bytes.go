package tools

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"

	"bootrc/kit/command"
)

func hexdumpCommand(name string) command.Command {
	return command.Command{
		Name: name, Summary: "print bytes in hexadecimal and as text", Operands: "[FILE]", Run: tool(hexdump),
		Options: []command.Option{
			{Names: "-C, --canonical", Help: "print 16 bytes a line, as it does anyway"},
			{Names: "-n, --length", Value: "SIZE", Kind: command.Blocks, Help: "print no more than that many bytes; b is a block of 512"},
			{Names: "-s, --skip", Value: "SIZE", Kind: command.Blocks, Help: "begin after that many bytes"},
		},
	}
}

func hexdump(ctx context.Context, c *call) error {
	start, limit := c.Size("skip"), int64(math.MaxInt64)
	if c.Has("length") {
		limit = c.Size("length")
	}
	return c.eachInput(ctx, c.Args, func(_ string, r io.Reader) error {
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

func base64Command() command.Command {
	return command.Command{
		Name: "base64", Summary: "encode or decode base64", Operands: "[FILE]", Run: tool(encodeBase64),
		Options: []command.Option{
			{Names: "-d, --decode", Help: "decode"},
			{Names: "-w, --wrap", Value: "COLUMNS", Kind: command.Count, Default: "76", Help: "break lines after that many characters; 0: never"},
		},
	}
}

func encodeBase64(ctx context.Context, c *call) error {
	return c.eachInput(ctx, c.Args, func(_ string, r io.Reader) error {
		if c.Flag("decode") {
			_, err := io.Copy(c.out, base64.NewDecoder(base64.StdEncoding, r))
			return err
		}
		w := &wrapper{w: c.out, width: c.Count("wrap")}
		encoder := base64.NewEncoder(base64.StdEncoding, w)
		_, err := io.Copy(encoder, r)
		err = errors.Join(err, encoder.Close())
		if w.column > 0 {
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
