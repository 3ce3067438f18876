package tools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/retry"
)

// oldCount turns the first argument -5 into -n 5, as both tools always had it.
func oldCount(args []string) []string {
	if len(args) > 0 && len(args[0]) > 1 && strings.Trim(args[0][1:], "0123456789") == "" && args[0][0] == '-' {
		return append([]string{"-n", args[0][1:]}, args[1:]...)
	}
	return args
}

func headCommand() command.Command {
	return command.Command{
		Name: "head", Summary: "print the first lines of files", Operands: "[FILE…]", Rewrite: oldCount, Run: tool(head),
		Options: []command.Option{
			{Names: "-n, --lines", Value: "LINES", Kind: command.Count, Default: "10", Help: "print that many lines; -LINES means the same"},
			{Names: "-c, --bytes", Value: "SIZE", Kind: command.Blocks, Help: "print that many bytes instead; b is a block of 512"},
		},
	}
}

func head(ctx context.Context, c *call) error {
	header := c.headers(c.Args)
	return c.eachInput(ctx, c.Args, func(name string, r io.Reader) error {
		header(name)
		if c.Has("bytes") {
			_, err := io.Copy(c.out, io.LimitReader(r, c.Size("bytes")))
			return err
		}
		return headLines(c.out, r, c.Count("lines"))
	})
}

func headLines(w io.Writer, r io.Reader, count int) error {
	in := bufio.NewReader(r)
	for count > 0 {
		part, err := in.ReadSlice('\n')
		if _, err := w.Write(part); err != nil {
			return err
		}
		switch {
		case err == nil:
			count--
		case err == io.EOF:
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
	return nil
}

// headers returns what prints the name of each file, where there are several.
func (c *call) headers(names []string) func(name string) {
	first := true
	return func(name string) {
		if len(names) < 2 {
			return
		}
		if !first {
			c.Printf("\n")
		}
		first = false
		if name == "-" {
			name = "standard input"
		}
		c.Printf("==> %s <==\n", name)
	}
}

func tailCommand() command.Command {
	return command.Command{
		Name: "tail", Summary: "print the last lines of files", Operands: "[FILE…]", Rewrite: oldCount, Run: tool(tail),
		Options: []command.Option{
			{Names: "-f, --follow", Help: "go on with what is added to the file"},
			{Names: "-c, --bytes", Value: "[+]BYTES", Help: "print that many bytes instead, or all from the byte +BYTES on"},
			{Names: "-n, --lines", Value: "[+]LINES", Default: "10", Help: "print that many lines, or all from the line +LINES on; -LINES means the same"},
		},
	}
}

func tail(ctx context.Context, c *call) error {
	unit := "lines"
	if c.Has("bytes") {
		unit = "bytes"
	}
	number, fromStart := strings.CutPrefix(c.Text(unit), "+")
	count, err := strconv.ParseUint(strings.TrimPrefix(number, "-"), 10, 31)
	if err != nil {
		return c.Wrong(unit, fmt.Errorf("expected a number of %s, got %q", unit, c.Text(unit)))
	}
	names, follow := c.Args, c.Flag("follow")
	if follow && len(names) > 1 {
		return command.Usagef("-f follows one file at a time")
	}
	header := c.headers(names)
	read := &counter{}
	err = c.eachInput(ctx, names, func(name string, r io.Reader) error {
		header(name)
		r = io.TeeReader(r, read)
		switch {
		case unit == "bytes" && fromStart:
			if _, err := io.CopyN(io.Discard, r, max(int64(count)-1, 0)); err != nil && err != io.EOF {
				return err
			}
			_, err := io.Copy(c.out, r)
			return err
		case unit == "bytes":
			return tailBytes(c.out, r, int(count))
		case fromStart:
			return skipLines(c.out, r, int(count)-1)
		}
		return tailLines(c.out, r, int(count))
	})
	if err != nil || c.failed || !follow || len(names) == 0 || names[0] == "-" {
		return err
	}
	return c.follow(ctx, c.Path(names[0]), read.bytes)
}

// tailBytes keeps only the last bytes in memory.
func tailBytes(w io.Writer, r io.Reader, count int) error {
	var kept []byte
	block := make([]byte, 64<<10)
	for {
		n, err := r.Read(block)
		kept = append(kept, block[:n]...)
		if len(kept) > count+1<<20 || err != nil {
			kept = append([]byte(nil), kept[max(0, len(kept)-count):]...)
		}
		if err == io.EOF {
			_, err = w.Write(kept)
			return err
		}
		if err != nil {
			return err
		}
	}
}

func skipLines(w io.Writer, r io.Reader, count int) error {
	in := bufio.NewReader(r)
	if err := headLines(io.Discard, in, max(count, 0)); err != nil {
		return err
	}
	_, err := io.Copy(w, in)
	return err
}

// tailLines keeps only the last lines in memory.
func tailLines(w io.Writer, r io.Reader, count int) error {
	var kept [][]byte
	in := bufio.NewReader(r)
	for {
		line, err := readLine(in)
		if len(line) > 0 && count > 0 {
			if len(kept) == count {
				kept = kept[1:]
			}
			kept = append(kept, line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	for _, line := range kept {
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// readLine reads a line with its newline, if it is not too long to be one.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d MiB: not a text file", maxLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// counter counts what is written to it.
type counter struct{ bytes int64 }

func (n *counter) Write(p []byte) (int, error) {
	n.bytes += int64(len(p))
	return len(p), nil
}

// follow prints what a file holds from an offset on, and what is added to it,
// until the call is interrupted. A file that became shorter is printed from its start.
func (c *call) follow(ctx context.Context, path string, at int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for err == nil {
		if err = c.pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
		info, statErr := f.Stat()
		if statErr != nil {
			return statErr
		}
		if info.Size() < at {
			at = 0
		}
		var n int64
		n, err = io.Copy(c.out, io.NewSectionReader(f, at, 1<<62))
		at += n
	}
	return err
}

// pause shows the output so far, then waits.
func (c *call) pause(ctx context.Context, d time.Duration) error {
	if err := c.out.Flush(); err != nil {
		return err
	}
	retry.Sleep(ctx, d)
	return ctx.Err()
}
