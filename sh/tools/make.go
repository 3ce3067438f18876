package tools

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/sh/mode"

	"golang.org/x/sys/unix"
)

func mkdirCommand() command.Command {
	return command.Command{
		Name: "mkdir", Summary: "make folders", Operands: "FOLDER…", Run: tool(mkdir),
		Options: []command.Option{
			{Names: "-p, --parents", Help: "make the folders above, too, and do not complain about those that exist"},
			modeOption(),
			verboseOption("made"),
		},
	}
}

// modeOption is the -m of tools that make files.
func modeOption() command.Option {
	return command.Option{Names: "-m, --mode", Value: "MODE", Help: "give them these permissions, as chmod takes them, whatever the umask is"}
}

func mkdir(ctx context.Context, c *call) error {
	permissions, bits := c.Text("mode"), uint32(0o777)
	if permissions != "" {
		var err error
		if bits, err = mode.Change(permissions, 0o777, true, 0); err != nil {
			return err
		}
	}
	return c.each(ctx, c.Args, func(name string) error {
		path := c.Path(name)
		if c.Flag("parents") {
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
		if c.Flag("verbose") {
			c.Printf("made folder '%s'\n", name)
		}
		if permissions == "" {
			return nil
		}
		return chmodPath(path, bits)
	})
}

func rmdirCommand() command.Command {
	return command.Command{Name: "rmdir", Summary: "remove empty folders", Operands: "FOLDER…", Run: tool(rmdir)}
}

func rmdir(ctx context.Context, c *call) error {
	return c.each(ctx, c.Args, func(name string) error {
		path := c.Path(name)
		if err := unix.Rmdir(path); err != nil {
			return &os.PathError{Op: "rmdir", Path: path, Err: err}
		}
		return nil
	})
}

func mktempCommand() command.Command {
	return command.Command{
		Name: "mktemp", Summary: "make a temporary file or folder and print its name", Operands: "[TEMPLATE]", Run: tool(mktemp),
		Text: "The last three or more X in TEMPLATE become random letters.",
		Options: []command.Option{
			{Names: "-d, --directory", Help: "make a folder"},
			{Names: "-u, --dry-run", Help: "only print a name that is free"},
			{Names: "-p, --tmpdir", Value: "FOLDER", Help: "make it in FOLDER; without TEMPLATE, the default is $TMPDIR or /tmp"},
		},
	}
}

func mktemp(_ context.Context, c *call) error {
	template, in := "tmp.XXXXXXXXXX", c.Text("tmpdir")
	if len(c.Args) == 1 {
		template = c.Args[0]
	} else if in == "" {
		in = cmp.Or(c.Getenv("TMPDIR"), "/tmp")
	}
	path, err := makeTemp(c.Path(filepath.Join(in, template)), c.Flag("directory"))
	if err != nil {
		return err
	}
	if c.Flag("dry-run") {
		err = os.Remove(path)
	}
	if in == "" && !filepath.IsAbs(template) {
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

func touchCommand() command.Command {
	return command.Command{
		Name: "touch", Summary: "set the times of files, making those that are missing", Operands: "FILE…", Run: tool(touch),
		Options: []command.Option{
			{Names: "-a, --access", Help: "set only the time of the last access"},
			{Names: "-m, --modified", Help: "set only the time of the last change"},
			{Names: "-c, --no-create", Help: "make no files"},
			{Names: "-d, --date", Value: "DATE", Help: "set this time, as date takes it, instead of now"},
			{Names: "-r, --reference", Value: "FILE", Help: "set the time when FILE was last changed"},
		},
	}
}

func touch(ctx context.Context, c *call) error {
	when, err := touchTime(c)
	if err != nil {
		return err
	}
	times := []unix.Timespec{timespec(when), timespec(when)}
	access, modified := c.Flag("access"), c.Flag("modified")
	if access && !modified {
		times[1].Nsec = unix.UTIME_OMIT
	}
	if modified && !access {
		times[0].Nsec = unix.UTIME_OMIT
	}
	return c.each(ctx, c.Args, func(name string) error { return touchFile(c.Path(name), times, !c.Flag("no-create")) })
}

// touchTime is the time that touch is to set.
func touchTime(c *call) (time.Time, error) {
	if like := c.Text("reference"); like != "" {
		info, err := os.Stat(c.Path(like))
		if err != nil {
			return time.Time{}, err
		}
		return info.ModTime(), nil
	}
	if date := c.Text("date"); date != "" {
		return parseDate(date)
	}
	return time.Now(), nil
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

func lnCommand() command.Command {
	return command.Command{
		Name: "ln", Summary: "make hard or symbolic links", Operands: "TARGET… [LINK]", Run: tool(ln),
		Text: "Where LINK is a folder, ln makes the links in it; without LINK, it makes them in\nthe current folder.",
		Options: []command.Option{
			{Names: "-s, --symbolic", Help: "make symbolic links"},
			{Names: "-f, --force", Help: "replace what has the name of a link"},
			{Names: "-n, --no-dereference", Help: "replace LINK where it is itself a link to a folder"},
			{Names: "-T, --no-target-directory", Help: "replace LINK, even if it is a folder, instead of linking in it"},
			verboseOption("linked"),
		},
	}
}

func ln(ctx context.Context, c *call) error {
	symbolic, force, operands := c.Flag("symbolic"), c.Flag("force"), c.Args
	if len(operands) == 1 {
		operands = append(operands, ".")
	}
	targets, last := operands[:len(operands)-1], operands[len(operands)-1]
	into := isFolder(c.Path(last)) && !c.Flag("no-target-directory") && !(c.Flag("no-dereference") && isLink(c.Path(last)))
	if !into && len(targets) > 1 {
		return fmt.Errorf("%s is not a folder", last)
	}
	return c.each(ctx, targets, func(target string) error {
		link := last
		if into {
			link = filepath.Join(last, filepath.Base(target))
		}
		if c.Flag("verbose") {
			c.Printf("'%s' -> '%s'\n", link, target)
		}
		if symbolic {
			return makeLink(os.Symlink, target, c.Path(link), force)
		}
		return makeLink(os.Link, c.Path(target), c.Path(link), force)
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
