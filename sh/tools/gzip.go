package tools

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bootrc/kit/command"
)

func archiveCommands() []command.Command {
	return []command.Command{
		define("tar", "(-c | -x | -t) [-vz] [-f ARCHIVE] [-C FOLDER] [FILE…]", "make, unpack or list archives; .gz and .zst are recognised", tarCommand),
		define("gzip", "[-cdfk] [-1…-9] [FILE…]", "compress files to FILE.gz", gzipCommand),
		define("gunzip", "[-cfk] [FILE…]", "decompress FILE.gz", gzipCommand),
		define("zcat", "[FILE…]", "print what gzip files hold", gzipCommand),
	}
}

// packing is one call of gzip.
type packing struct {
	c                             *call
	unpack, toStdout, keep, force bool
	level                         int
}

func gzipCommand(ctx context.Context, c *call) error {
	o := newOptions()
	level := gzip.DefaultCompression
	var args []string
	for _, arg := range c.Args {
		if len(arg) == 2 && arg[0] == '-' && arg[1] >= '1' && arg[1] <= '9' {
			level = int(arg[1] - '0')
			continue
		}
		args = append(args, arg)
	}
	unpack, stdout, keep, force := o.flag("d", "decompress"), o.flag("c", "stdout"), o.flag("k", "keep"), o.flag("f", "force")
	names, err := o.parse(args, 0, -1)
	if err != nil {
		return err
	}
	p := &packing{
		c: c, unpack: *unpack || c.Name == "gunzip" || c.Name == "zcat", toStdout: *stdout || c.Name == "zcat",
		keep: *keep, force: *force, level: level,
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	return c.each(ctx, names, func(name string) error {
		if err := p.file(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

func (p *packing) file(ctx context.Context, name string) error {
	in, err := p.c.open(ctx, name)
	if err != nil {
		return err
	}
	defer in.Close()
	if p.toStdout || name == "-" {
		return p.convert(p.c.out, in)
	}
	target := name + ".gz"
	if p.unpack {
		var ok bool
		if target, ok = strings.CutSuffix(name, ".gz"); !ok {
			return errors.New("the name does not end in .gz: use -c")
		}
	}
	if err := p.toFile(p.c.Path(target), p.c.Path(name), in); err != nil {
		return err
	}
	if p.keep {
		return nil
	}
	return os.Remove(p.c.Path(name))
}

// toFile leaves no half-written file behind.
func (p *packing) toFile(target, source string, in io.Reader) error {
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if p.force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	out, err := os.OpenFile(target, flags, info.Mode().Perm())
	if err != nil {
		return err
	}
	err = errors.Join(p.convert(out, in), out.Close())
	if err == nil {
		err = preserve(target, info)
	}
	if err != nil {
		os.Remove(target)
	}
	return err
}

func (p *packing) convert(w io.Writer, r io.Reader) error {
	if p.unpack {
		unpacked, err := gzip.NewReader(bufio.NewReader(r))
		if err != nil {
			return err
		}
		_, err = io.Copy(w, unpacked)
		return err
	}
	packed, err := gzip.NewWriterLevel(w, p.level)
	if err != nil {
		return err
	}
	_, err = io.Copy(packed, r)
	return errors.Join(err, packed.Close())
}
