package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

// copying is one call of cp, or the part of mv that crosses filesystems.
type copying struct {
	c                         *call
	recurse, keep, links      bool // whole folders; modes, owners and times; links as links
	force, noClobber, verbose bool
}

func cpCommand() command.Command {
	return command.Command{
		Name: "cp", Summary: "copy files and folders", Operands: "SOURCE… TARGET", Run: tool(cp),
		Options: []command.Option{
			{Names: "-a, --archive", Help: "copy all as it is: as -r, -p and -P together"},
			{Names: "-r, -R, --recursive", Help: "copy folders with all that is in them"},
			{Names: "-p, --preserve", Help: "keep modes, times and, where that is allowed, owners"},
			{Names: "-P, -d, --no-dereference", Help: "copy links as links, as -r does"},
			{Names: "-L, --dereference", Help: "copy what links point to"},
			{Names: "-f, --force", Help: "remove a target that cannot be written, and try again"},
			{Names: "-n, --no-clobber", Help: "keep files that exist"},
			{Names: "-T, --no-target-directory", Help: "replace TARGET, even if it is a folder, instead of copying into it"},
			verboseOption("copied"),
		},
	}
}

func cp(ctx context.Context, c *call) error {
	archive, recurse := c.Flag("archive"), c.Flag("recursive")
	k := &copying{
		c: c, recurse: recurse || archive, keep: c.Flag("preserve") || archive,
		links: (c.Flag("no-dereference") || archive || recurse) && !c.Flag("dereference"),
		force: c.Flag("force"), noClobber: c.Flag("no-clobber"), verbose: c.Flag("verbose"),
	}
	return c.intoTarget(ctx, c.Args, func(source, target string) error {
		return k.copy(ctx, source, target)
	})
}

// verboseOption is the -v of tools that can print what they have done to each file.
func verboseOption(done string) command.Option {
	return command.Option{Names: "-v, --verbose", Help: "print what is " + done}
}

// intoTarget calls do with each source and where it goes: into the last operand
// if that is a folder and -T is not given, else to that very name.
func (c *call) intoTarget(ctx context.Context, operands []string, do func(source, target string) error) error {
	sources, target := operands[:len(operands)-1], operands[len(operands)-1]
	into := isFolder(c.Path(target)) && !c.Flag("no-target-directory")
	if !into && (len(sources) > 1 || strings.HasSuffix(target, "/") && !isFolder(c.Path(sources[0]))) {
		return fmt.Errorf("%s is not a folder", target)
	}
	return c.each(ctx, sources, func(source string) error {
		if into {
			return do(c.Path(source), filepath.Join(c.Path(target), filepath.Base(source)))
		}
		return do(c.Path(source), c.Path(target))
	})
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// copy copies one file or folder, with what is in it, to a path.
func (k *copying) copy(ctx context.Context, source, target string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	info, err := k.stat(source)
	if err != nil {
		return err
	}
	old, err := os.Stat(target)
	exists := err == nil
	switch {
	case exists && os.SameFile(info, old):
		return fmt.Errorf("%s and %s are the same file", source, target)
	case exists && k.noClobber && !info.IsDir():
		return nil
	case exists && old.IsDir() && !info.IsDir():
		return fmt.Errorf("%s is a folder: not replaced by the file %s", target, source)
	case exists && !old.IsDir() && info.IsDir():
		return fmt.Errorf("%s is not a folder: not replaced by the folder %s", target, source)
	}
	if err := k.copyAs(ctx, source, target, info); err != nil {
		return err
	}
	if k.verbose {
		k.c.Printf("'%s' -> '%s'\n", source, target)
	}
	if k.keep {
		return preserve(target, info)
	}
	return nil
}

func (k *copying) stat(path string) (fs.FileInfo, error) {
	if k.links {
		return os.Lstat(path)
	}
	return os.Stat(path)
}

func (k *copying) copyAs(ctx context.Context, source, target string, info fs.FileInfo) error {
	mode := info.Mode()
	switch {
	case mode.IsDir() && !k.recurse:
		return fmt.Errorf("%s is a folder: not copied without -r", source)
	case mode.IsDir():
		return k.copyFolder(ctx, source, target, mode)
	case mode.IsRegular() || !k.recurse && mode&fs.ModeSymlink == 0:
		return k.copyFile(ctx, source, target, mode)
	}
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if mode&fs.ModeSymlink != 0 {
		to, err := os.Readlink(source)
		if err != nil {
			return err
		}
		return os.Symlink(to, target)
	}
	st := info.Sys().(*syscall.Stat_t)
	if err := unix.Mknod(target, st.Mode, int(st.Rdev)); err != nil {
		return &os.PathError{Op: "mknod", Path: target, Err: err}
	}
	return nil
}

func (k *copying) copyFolder(ctx context.Context, source, target string, mode fs.FileMode) error {
	if holds(source, target) {
		return fmt.Errorf("%s can't be copied into itself, %s", source, target)
	}
	// writable while it is filled, whatever its mode
	err := os.Mkdir(target, mode.Perm()|0o700)
	made := err == nil
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	entries, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	for _, e := range entries {
		err := k.copy(ctx, filepath.Join(source, e.Name()), filepath.Join(target, e.Name()))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			k.c.fail(err)
		}
	}
	if made && mode.Perm()&0o700 != 0o700 {
		return os.Chmod(target, mode.Perm())
	}
	return nil
}

// holds says whether path is folder or below it, links resolved.
func holds(folder, path string) bool {
	real, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return false
	}
	parent, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return false
	}
	return strings.HasPrefix(filepath.Join(parent, filepath.Base(path))+"/", strings.TrimSuffix(real, "/")+"/")
}

func (k *copying) copyFile(ctx context.Context, source, target string, mode fs.FileMode) (err error) {
	in, err := k.c.open(ctx, source)
	if err != nil {
		return err
	}
	defer in.Close()
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	out, err := os.OpenFile(target, flags, mode.Perm())
	if err != nil && k.force && os.Remove(target) == nil {
		out, err = os.OpenFile(target, flags, mode.Perm())
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	buffer := make([]byte, 256<<10)
	_, err = io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, buffer)
	return err
}

// preserve gives a copy the owner, mode and times of its original. Without the
// right to give files away the owner stays, as cp -p has it.
func preserve(target string, info fs.FileInfo) error {
	st := info.Sys().(*syscall.Stat_t)
	if err := os.Lchown(target, int(st.Uid), int(st.Gid)); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		if err := os.Chmod(target, info.Mode()); err != nil {
			return err
		}
	}
	times := []unix.Timespec{timespec(time.Unix(st.Atim.Unix())), timespec(info.ModTime())}
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, target, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return &os.PathError{Op: "utimensat", Path: target, Err: err}
	}
	return nil
}

func timespec(t time.Time) unix.Timespec { return unix.NsecToTimespec(t.UnixNano()) }
