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

	"golang.org/x/sys/unix"
)

// copying is one call of cp, or the part of mv that crosses filesystems.
type copying struct {
	c                         *call
	recurse, keep, links      bool // whole folders; modes, owners and times; links as links
	force, noClobber, verbose bool
}

func cp(ctx context.Context, c *call) error {
	o := newOptions()
	archive := o.flag("a", "archive")
	recurse, keep, links := o.flag("rR", "recursive"), o.flag("p", "preserve"), o.flag("Pd", "no-dereference")
	follow, force := o.flag("L", "dereference"), o.flag("f", "force")
	noClobber, verbose, noFolder := o.flag("n", "no-clobber"), o.flag("v", "verbose"), o.flag("T", "no-target-directory")
	operands, err := o.parse(c.Args, 2, -1)
	if err != nil {
		return err
	}
	k := &copying{
		c: c, recurse: *recurse || *archive, keep: *keep || *archive, links: (*links || *archive || *recurse) && !*follow,
		force: *force, noClobber: *noClobber, verbose: *verbose,
	}
	return c.intoTarget(ctx, operands, *noFolder, func(source, target string) error {
		return k.copy(ctx, source, target)
	})
}

// intoTarget calls do with each source and where it goes: into the last operand
// if that is a folder, else to that very name.
func (c *call) intoTarget(ctx context.Context, operands []string, noFolder bool, do func(source, target string) error) error {
	sources, target := operands[:len(operands)-1], operands[len(operands)-1]
	info, err := os.Stat(c.Path(target))
	into := err == nil && info.IsDir() && !noFolder
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
	if inside(source, target) {
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

// inside says whether path is folder or below it, links resolved.
func inside(folder, path string) bool {
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
