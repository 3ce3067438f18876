package tools

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"bootrc/kit/command"
	"bootrc/kit/compression"
)

// archive is one call of tar.
type archive struct {
	c        *call
	verbose  bool
	compress bool
	dir      string   // where files are taken from or put
	members  []string // which, all if empty
}

func tarCommand() command.Command {
	return command.Command{
		Name: "tar", Summary: "make, unpack or list archives", Operands: "[FILE…]", Rewrite: dashed, Run: tool(tarArchive),
		Forms: []string{"-c [-vz] [-f ARCHIVE] [-C FOLDER] FILE…", "-x|-t [-v] [-f ARCHIVE] [-C FOLDER] [FILE…]"},
		Text:  "The dash may be left out: tar xf ARCHIVE.",
		Options: []command.Option{
			{Names: "-c, --create", Help: "make an archive of FILEs"},
			{Names: "-x, --extract", Help: "unpack FILEs, or all; gzip, zstd and xz are recognised"},
			{Names: "-t, --list", Help: "print the names of FILEs, or all, in the archive"},
			{Names: "-f, --file", Value: "ARCHIVE", Default: "-", Help: "the archive; -: standard input or output"},
			{Names: "-C, --directory", Value: "FOLDER", Default: ".", Help: "take files from FOLDER, or put them there"},
			{Names: "-z, --gzip", Help: "compress the archive"},
			{Names: "-p, --preserve-permissions", Help: "keep modes, as it always does"},
			verboseOption("packed or unpacked"),
		},
	}
}

// dashed puts a dash before the first word: tar xf A is older than options are.
func dashed(args []string) []string {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		args = append([]string{"-" + args[0]}, args[1:]...)
	}
	return args
}

func tarArchive(ctx context.Context, c *call) error {
	create, extract, list := c.Flag("create"), c.Flag("extract"), c.Flag("list")
	a := &archive{c: c, verbose: c.Flag("verbose"), compress: c.Flag("gzip"), dir: c.Path(c.Text("directory")), members: c.Args}
	switch {
	case create && !extract && !list:
		if len(c.Args) == 0 {
			return command.Usagef("expected 1 operand or more, got 0")
		}
		return a.createFile(ctx, c.Text("file"))
	case extract != list && !create:
		in, err := c.open(ctx, c.Text("file"))
		if err != nil {
			return err
		}
		defer in.Close()
		return a.read(ctx, in, extract)
	}
	return command.Usagef("expected one of -c, -x and -t")
}

func (a *archive) createFile(ctx context.Context, name string) error {
	if name == "-" {
		return a.create(ctx, a.c.out)
	}
	out, err := os.Create(a.c.Path(name))
	if err != nil {
		return err
	}
	return errors.Join(a.create(ctx, out), out.Close())
}

func (a *archive) create(ctx context.Context, w io.Writer) error {
	if a.compress {
		packed := gzip.NewWriter(w)
		return errors.Join(a.write(ctx, packed), packed.Close())
	}
	return a.write(ctx, w)
}

func (a *archive) write(ctx context.Context, w io.Writer) error {
	t := tar.NewWriter(w)
	linked := map[[2]uint64]string{}
	for _, member := range a.members {
		root := filepath.Join(a.dir, member)
		if filepath.IsAbs(member) {
			root = member
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				a.c.fail(err)
				return nil
			}
			name := strings.TrimLeft(filepath.Join(member, strings.TrimPrefix(path, root)), "/")
			return a.add(ctx, t, name, path, linked)
		})
		if err != nil {
			return err
		}
	}
	return t.Close()
}

func (a *archive) add(ctx context.Context, t *tar.Writer, name, path string, linked map[[2]uint64]string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSocket != 0 {
		return err
	}
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		if target, err = os.Readlink(path); err != nil {
			return err
		}
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	header.Name = name
	if info.IsDir() {
		header.Name += "/"
	}
	st := info.Sys().(*syscall.Stat_t)
	id := [2]uint64{uint64(st.Dev), st.Ino}
	if first, ok := linked[id]; ok && info.Mode().IsRegular() {
		header.Typeflag, header.Linkname, header.Size = tar.TypeLink, first, 0
	} else if st.Nlink > 1 {
		linked[id] = name
	}
	if a.verbose {
		a.c.Printf("%s\n", header.Name)
	}
	if err := t.WriteHeader(header); err != nil || header.Typeflag != tar.TypeReg {
		return err
	}
	in, err := a.c.open(ctx, path)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.CopyN(t, in, header.Size)
	return err
}

func (a *archive) read(ctx context.Context, r io.Reader, extract bool) error {
	plain, err := compression.NewReader(r, compression.Options{})
	if err != nil {
		return err
	}
	u, err := newUnpacking(a.dir)
	if err != nil {
		return err
	}
	defer u.root.Close()
	seen := map[string]bool{}
	t := tar.NewReader(plain)
	for {
		header, err := t.Next()
		if err == io.EOF {
			return errors.Join(u.finish(), a.missing(seen))
		}
		if stop := errors.Join(ctx.Err(), err); stop != nil {
			return stop
		}
		if !a.wanted(header.Name, seen) {
			continue
		}
		if a.verbose || !extract {
			a.c.Printf("%s\n", header.Name)
		}
		if !extract {
			continue
		}
		if err := u.unpack(header, t); err != nil {
			return fmt.Errorf("unpacking %q: %w", header.Name, err)
		}
	}
}

func (a *archive) wanted(name string, seen map[string]bool) bool {
	wanted := len(a.members) == 0
	for _, member := range a.members {
		if below("/"+filepath.Clean(name), "/"+filepath.Clean(member)) {
			seen[member], wanted = true, true
		}
	}
	return wanted
}

func (a *archive) missing(seen map[string]bool) error {
	for _, member := range a.members {
		if !seen[member] {
			a.c.fail(fmt.Errorf("%s is not in the archive", member))
		}
	}
	return nil
}

// below says whether path is dir or in it; both are absolute and clean.
func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
