package tools

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/sh/mode"

	"golang.org/x/sys/unix"
)

func chmodCommand() command.Command {
	return command.Command{
		Name: "chmod", Summary: "change permissions", Operands: "MODE FILE…", Run: tool(chmod),
		Text:    "MODE is octal, such as 755, or made of changes, such as u+x,go-w.",
		Options: []command.Option{{Names: "-R, --recursive", Help: "change all that is in folders, too"}},
		IsOperand: func(word string) bool {
			return strings.Trim(word[1:], "rwxXst,+-=ugo") == "" // -w and the like
		},
	}
}

func chmod(ctx context.Context, c *call) error {
	change, umask := c.Args[0], mode.Umask()
	if _, err := mode.Change(change, 0, false, umask); err != nil {
		return err
	}
	return c.each(ctx, c.Args[1:], func(name string) error {
		return c.walk(ctx, c.Path(name), c.Flag("recursive"), func(path string, info fs.FileInfo, named bool) error {
			if info.Mode()&fs.ModeSymlink != 0 {
				if !named {
					return nil
				}
				target, err := os.Stat(path)
				if err != nil {
					return err
				}
				info = target
			}
			bits, err := mode.Change(change, modeBits(info.Mode()), info.IsDir(), umask)
			if err != nil {
				return err
			}
			return chmodPath(path, bits)
		})
	})
}

func chmodPath(path string, bits uint32) error {
	if err := unix.Chmod(path, bits); err != nil {
		return &os.PathError{Op: "chmod", Path: path, Err: err}
	}
	return nil
}

// walk visits a path and, with recurse, all that is below it, a folder before
// what is in it. What fails is reported, and the walk goes on.
func (c *call) walk(ctx context.Context, root string, recurse bool, visit func(path string, info fs.FileInfo, named bool) error) error {
	info, err := os.Lstat(root)
	if err != nil {
		return err
	}
	if err := visit(root, info, true); err != nil || !recurse {
		return err
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if stop := ctx.Err(); stop != nil {
			return stop
		}
		if err == nil && path != root {
			if info, err = d.Info(); err == nil {
				err = visit(path, info, false)
			}
		}
		if err != nil {
			c.fail(err)
		}
		return nil
	})
}

func chownCommand() command.Command {
	return command.Command{
		Name: "chown", Summary: "change owner and group", Operands: "OWNER FILE…", Forms: []string{"[-hR] [USER][:GROUP] FILE…"},
		Options: []command.Option{
			{Names: "-h, --no-dereference", Help: "change links themselves, not what they point to"},
			{Names: "-R, --recursive", Help: "change all that is in folders, too"},
		},
		Run: tool(chown),
	}
}

func chown(ctx context.Context, c *call) error {
	uid, gid, err := parseOwner(c.Args[0])
	if err != nil {
		return err
	}
	return c.each(ctx, c.Args[1:], func(name string) error {
		return c.walk(ctx, c.Path(name), c.Flag("recursive"), func(path string, _ fs.FileInfo, named bool) error {
			if c.Flag("no-dereference") || !named {
				return os.Lchown(path, uid, gid)
			}
			return os.Chown(path, uid, gid)
		})
	})
}

// parseOwner reads USER, USER:GROUP or :GROUP, as names or numbers; -1 is
// whoever it was.
func parseOwner(s string) (uid, gid int, err error) {
	name, group, _ := strings.Cut(s, ":")
	uid, gid = -1, -1
	if name == "" && group == "" {
		return uid, gid, command.Usagef("%q names no user and no group", s)
	}
	if name != "" {
		if uid, err = parseID("user", name, lookupUser); err != nil {
			return uid, gid, err
		}
	}
	if group != "" {
		gid, err = parseID("group", group, lookupGroup)
	}
	return uid, gid, err
}

func parseID(kind, s string, lookup func(string) (string, error)) (int, error) {
	id, err := lookup(s)
	if err != nil {
		id = s
	}
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil || n == 1<<32-1 {
		return -1, fmt.Errorf("there is no %s %q", kind, s)
	}
	return int(n), nil
}

func lookupUser(name string) (string, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return "", err
	}
	return u.Uid, nil
}

func lookupGroup(name string) (string, error) {
	g, err := user.LookupGroup(name)
	if err != nil {
		return "", err
	}
	return g.Gid, nil
}
