package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/size"
	"bootrc/sh/mode"

	"golang.org/x/sys/unix"
)

func deviceCommands() []command.Command {
	return []command.Command{
		{
			Name: "mknod", Summary: "make a device node or a named pipe", Operands: "NAME TYPE [MAJOR] [MINOR]", Run: tool(mknod),
			Forms: []string{"[-m MODE] NAME b|c MAJOR MINOR", "[-m MODE] NAME p"}, Options: []command.Option{modeOption()},
		},
		{Name: "mkfifo", Summary: "make named pipes", Operands: "NAME…", Options: []command.Option{modeOption()}, Run: tool(mkfifo)},
		{
			Name: "dd", Summary: "copy blocks", Operands: "[NAME=VALUE…]", Literal: true, Run: tool(dd),
			Forms: []string{"[if=FILE] [of=FILE] [bs=SIZE] [count=N] [skip=N] [seek=N] [conv=notrunc,fsync,noerror]"},
			Text: `if and of are what to read and write, standard input and output where they are
left out. bs is the size of a block, 512 bytes where it is left out; count is how
many blocks to copy; skip and seek are how many to leave out at the beginning of
the input and output. notrunc keeps what is longer in the output, fsync waits until
all is on disk, noerror goes on after errors of reading. In SIZE and N, b is 512,
K, M and G are powers of 1024, kB, MB and GB powers of 1000.`,
			Examples: []string{"dd if=disk.img of=/dev/sda bs=4M conv=fsync"},
		},
	}
}

func mknod(_ context.Context, c *call) error {
	operands := c.Args
	kind := map[string]uint32{"b": unix.S_IFBLK, "c": unix.S_IFCHR, "u": unix.S_IFCHR, "p": unix.S_IFIFO}[operands[1]]
	if kind == 0 || (kind == unix.S_IFIFO) != (len(operands) == 2) || len(operands) == 3 {
		return command.Usagef("expected b or c with MAJOR and MINOR, or p")
	}
	device := uint64(0)
	if len(operands) == 4 {
		major, majorErr := strconv.ParseUint(operands[2], 0, 12)
		minor, minorErr := strconv.ParseUint(operands[3], 0, 20)
		if err := errors.Join(majorErr, minorErr); err != nil {
			return command.Usagef("%s %s are not the numbers of a device", operands[2], operands[3])
		}
		device = unix.Mkdev(uint32(major), uint32(minor))
	}
	return makeNode(c.Path(operands[0]), kind, device, c.Text("mode"))
}

func mkfifo(ctx context.Context, c *call) error {
	return c.each(ctx, c.Args, func(name string) error {
		return makeNode(c.Path(name), unix.S_IFIFO, 0, c.Text("mode"))
	})
}

func makeNode(path string, kind uint32, device uint64, permissions string) error {
	bits := uint32(0o666)
	if permissions != "" {
		var err error
		if bits, err = mode.Change(permissions, bits, false, 0); err != nil {
			return err
		}
	}
	if err := unix.Mknod(path, kind|bits, int(device)); err != nil {
		return &os.PathError{Op: "mknod", Path: path, Err: err}
	}
	if permissions == "" {
		return nil
	}
	return chmodPath(path, bits)
}

// blockCopy is one call of dd.
type blockCopy struct {
	from, to                string
	size, count, skip, seek int64 // count is -1 for all
	noTrunc, fsync, noError bool
	fullIn, partIn          int64
	fullOut, partOut        int64
}

func dd(ctx context.Context, c *call) error {
	b := &blockCopy{from: "-", size: 512, count: -1}
	for _, arg := range c.Args {
		if err := b.set(arg); err != nil {
			return command.Usagef("%w", err)
		}
	}
	in, err := c.open(ctx, b.from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, closeOut, err := b.openOutput(c)
	if err != nil {
		return err
	}
	err = errors.Join(b.copy(ctx, in, out), closeOut())
	c.out.Flush()
	fmt.Fprintf(c.Stderr, "%d+%d records in\n%d+%d records out\n", b.fullIn, b.partIn, b.fullOut, b.partOut)
	return err
}

func (b *blockCopy) set(arg string) error {
	name, value, _ := strings.Cut(arg, "=")
	var err error
	switch name {
	case "if":
		b.from = value
	case "of":
		b.to = value
	case "bs":
		b.size, err = size.ParseBlocks(value)
		if err == nil && (b.size < 1 || b.size > 1<<28) {
			err = errors.New("bs is from 1 to 256M")
		}
	case "count":
		b.count, err = size.ParseBlocks(value)
	case "skip":
		b.skip, err = size.ParseBlocks(value)
	case "seek":
		b.seek, err = size.ParseBlocks(value)
	case "status":
	case "conv":
		for word := range strings.SplitSeq(value, ",") {
			switch word {
			case "notrunc":
				b.noTrunc = true
			case "fsync", "fdatasync":
				b.fsync = true
			case "noerror":
				b.noError = true
			default:
				return fmt.Errorf("conv=%s is unknown", word)
			}
		}
	default:
		return fmt.Errorf("%q is unknown", arg)
	}
	return err
}

func (b *blockCopy) openOutput(c *call) (io.Writer, func() error, error) {
	if b.to == "" {
		if b.seek > 0 {
			return nil, nil, errors.New("seek needs of=FILE")
		}
		return c.out, c.out.Flush, nil
	}
	f, err := os.OpenFile(c.Path(b.to), os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() && !b.noTrunc {
		err = f.Truncate(b.seek * b.size)
	}
	if err == nil && b.seek > 0 {
		_, err = f.Seek(b.seek*b.size, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, func() error {
		var err error
		if b.fsync {
			err = f.Sync()
		}
		return errors.Join(err, f.Close())
	}, nil
}

func (b *blockCopy) copy(ctx context.Context, in io.Reader, out io.Writer) error {
	if err := b.skipBlocks(in); err != nil {
		return err
	}
	buffer := make([]byte, b.size)
	for b.count < 0 || b.fullIn+b.partIn < b.count {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := in.Read(buffer)
		if err == io.EOF && n == 0 {
			return nil
		}
		if err != nil && err != io.EOF && !b.noError {
			return err
		}
		tally(int64(n), b.size, &b.fullIn, &b.partIn)
		written, err := out.Write(buffer[:n])
		tally(int64(written), b.size, &b.fullOut, &b.partOut)
		if err != nil {
			return err
		}
	}
	return nil
}

func tally(n, size int64, full, part *int64) {
	switch {
	case n == size:
		*full++
	case n > 0:
		*part++
	}
}

func (b *blockCopy) skipBlocks(in io.Reader) error {
	if b.skip == 0 {
		return nil
	}
	if file, ok := in.(inputFile); ok {
		if f, ok := file.r.(*os.File); ok {
			if _, err := f.Seek(b.skip*b.size, io.SeekStart); err == nil {
				return nil
			}
		}
	}
	_, err := io.CopyN(io.Discard, in, b.skip*b.size)
	if err == io.EOF {
		return nil
	}
	return err
}
