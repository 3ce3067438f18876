package tools

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func mkdir(ctx context.Context, c *call) error {
	o := newOptions()
	parents, verbose, mode := o.flag("p", "parents"), o.flag("v", "verbose"), o.text("m", "mode", "")
	names, err := o.parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	bits := uint32(0o777)
	if *mode != "" {
		if bits, err = changeMode(*mode, 0o777, true, 0); err != nil {
			return err
		}
	}
	return c.each(ctx, names, func(name string) error {
		path := c.Path(name)
		if *parents {
			if isFolder(path) {
				return nil
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				return err
			}
		}
		if err := os.Mkdir(path, 0o777); err != nil {
			return err
		}
		if *verbose {
			c.Printf("made folder '%s'\n", name)
		}
		if *mode == "" {
			return nil
		}
		return chmodPath(path, bits)
	})
}

func rmdir(ctx context.Context, c *call) error {
	names, err := newOptions().parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	return c.each(ctx, names, func(name string) error {
		path := c.Path(name)
		if err := unix.Rmdir(path); err != nil {
			return &os.PathError{Op: "rmdir", Path: path, Err: err}
		}
		return nil
	})
}

func mktemp(_ context.Context, c *call) error {
	o := newOptions()
	folder, dry, in := o.flag("d", "directory"), o.flag("u", "dry-run"), o.text("p", "tmpdir", "")
	operands, err := o.parse(c.Args, 0, 1)
	if err != nil {
		return err
	}
	template := "tmp.XXXXXXXXXX"
	if len(operands) == 1 {
		template = operands[0]
	}
	if *in == "" && len(operands) == 0 {
		if *in = c.Getenv("TMPDIR"); *in == "" {
			*in = "/tmp"
		}
	}
	path, err := makeTemp(c.Path(filepath.Join(*in, template)), *folder)
	if err != nil {
		return err
	}
	if *dry {
		err = os.Remove(path)
	}
	if *in == "" && !filepath.IsAbs(template) {
		path = filepath.Join(filepath.Dir(template), filepath.Base(path))
	}
	c.Printf("%s\n", path)
	return err
}

// makeTemp makes a file or folder, for its owner only, whose name is template
// with its last run of X replaced.
func makeTemp(template string, folder bool) (string, error) {
	dir, base := filepath.Split(template)
	end := strings.LastIndexByte(base, 'X') + 1
	start := len(strings.TrimRight(base[:end], "X"))
	if end-start < 3 {
		return "", fmt.Errorf("the template %q needs three X or more in its name", template)
	}
	for range 1000 {
		random := strings.Repeat(rand.Text(), (end-start)/26+1)[:end-start]
		path := filepath.Join(dir, base[:start]+random+base[end:])
		if err := makeNew(path, folder); !errors.Is(err, fs.ErrExist) {
			return path, err
		}
	}
	return "", fmt.Errorf("every name like %q is taken", template)
}

func makeNew(path string, folder bool) error {
	if folder {
		return os.Mkdir(path, 0o700)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func touch(ctx context.Context, c *call) error {
	o := newOptions()
	access, modified, old := o.flag("a", "access"), o.flag("m", "modified"), o.flag("c", "no-create")
	date, like := o.text("d", "date", ""), o.text("r", "reference", "")
	names, err := o.parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	when := time.Now()
	if *date != "" {
		if when, err = parseDate(*date); err != nil {
			return err
		}
	}
	if *like != "" {
		info, err := os.Stat(c.Path(*like))
		if err != nil {
			return err
		}
		when = info.ModTime()
	}
	times := []unix.Timespec{timespec(when), timespec(when)}
	if *access && !*modified {
		times[1].Nsec = unix.UTIME_OMIT
	}
	if *modified && !*access {
		times[0].Nsec = unix.UTIME_OMIT
	}
	return c.each(ctx, names, func(name string) error { return touchFile(c.Path(name), times, !*old) })
}

func touchFile(path string, times []unix.Timespec, create bool) error {
	err := unix.UtimesNanoAt(unix.AT_FDCWD, path, times, 0)
	if errors.Is(err, unix.ENOENT) && create {
		f, openErr := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
		if openErr != nil {
			return openErr
		}
		f.Close()
		err = unix.UtimesNanoAt(unix.AT_FDCWD, path, times, 0)
	}
	if errors.Is(err, unix.ENOENT) && !create {
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "touch", Path: path, Err: err}
	}
	return nil
}

func ln(ctx context.Context, c *call) error {
	o := newOptions()
	symbolic, force, verbose := o.flag("s", "symbolic"), o.flag("f", "force"), o.flag("v", "verbose")
	noFollow, noFolder := o.flag("n", "no-dereference"), o.flag("T", "no-target-directory")
	operands, err := o.parse(c.Args, 1, -1)
	if err != nil {
		return err
	}
	if len(operands) == 1 {
		operands = append(operands, ".")
	}
	targets, last := operands[:len(operands)-1], operands[len(operands)-1]
	into := isFolder(c.Path(last)) && !*noFolder && !(*noFollow && isLink(c.Path(last)))
	if !into && len(targets) > 1 {
		return fmt.Errorf("%s is not a folder", last)
	}
	return c.each(ctx, targets, func(target string) error {
		link := last
		if into {
			link = filepath.Join(last, filepath.Base(target))
		}
		if *verbose {
			c.Printf("'%s' -> '%s'\n", link, target)
		}
		if *symbolic {
			return makeLink(os.Symlink, target, c.Path(link), *force)
		}
		return makeLink(os.Link, c.Path(target), c.Path(link), *force)
	})
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// makeLink replaces what is at link, if told to, at one stroke: who looks it up
// meanwhile finds the old one or the new one.
func makeLink(make func(target, link string) error, target, link string, replace bool) error {
	err := make(target, link)
	if !replace || !errors.Is(err, fs.ErrExist) {
		return err
	}
	if isFolder(link) && !isLink(link) {
		return fmt.Errorf("%s is a folder: not replaced", link)
	}
	beside := fmt.Sprintf("%s.%d", link, os.Getpid())
	if err := make(target, beside); err != nil {
		return err
	}
	if err := os.Rename(beside, link); err != nil {
		os.Remove(beside)
		return err
	}
	// rename(2) leaves both names if they are already the same file
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
