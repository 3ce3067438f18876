package tools

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/compression"
)

func archiveCommands() []command.Command {
	return []command.Command{
		tarCommand(),
		gzipCommand("gzip", "compress files to FILE.gz"),
		gzipCommand("gunzip", "decompress FILE.gz"),
		gzipCommand("zcat", "print what files hold that gzip, zstd or xz compressed"),
	}
}

func gzipCommand(name, summary string) command.Command {
	return command.Command{
		Name: name, Summary: summary, Operands: "[FILE…]", Rewrite: levels, Run: tool(gzipFiles),
		Options: []command.Option{
			{Names: "-d, --decompress", Help: "decompress"},
			{Names: "-c, --stdout", Help: "print the result, and keep FILE"},
			{Names: "-k, --keep", Help: "keep FILE"},
			{Names: "-f, --force", Help: "replace files that exist"},
			{Names: "--level", Value: "LEVEL", Kind: command.Count, Check: checkLevel, Default: "6",
				Help: "how hard to compress, from 1 to 9; -1 to -9 mean the same"},
		},
	}
}

func checkLevel(text string) error {
	if len(text) != 1 || text[0] < '1' || text[0] > '9' {
		return fmt.Errorf("expected a level from 1 to 9, got %q", text)
	}
	return nil
}

// levels turns the options -1 to -9 into --level.
func levels(args []string) []string {
	args = slices.Clone(args)
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if level, ok := strings.CutPrefix(arg, "-"); ok && checkLevel(level) == nil {
			args[i] = "--level=" + level
		}
	}
	return args
}

// packing is one call of gzip.
type packing struct {
	c                             *call
	unpack, toStdout, keep, force bool
	level                         int
}

func gzipFiles(ctx context.Context, c *call) error {
	p := &packing{
		c: c, unpack: c.Flag("decompress") || c.Name == "gunzip" || c.Name == "zcat", toStdout: c.Flag("stdout") || c.Name == "zcat",
		keep: c.Flag("keep"), force: c.Flag("force"), level: c.Count("level"),
	}
	names := c.Args
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
		unpacked, err := compression.NewReader(r, compression.Options{})
		if err != nil {
			return err
		}
		if unpacked.Format == compression.None {
			return errors.New("it is not compressed")
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
