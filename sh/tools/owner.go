package tools

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/inside"
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
		path := c.Path(name)
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		bits, err := mode.Change(change, modeBits(info.Mode()), info.IsDir(), umask)
		if err != nil {
			return err
		}
		if err := chmodPath(path, bits); err != nil {
			return err
		}
		return c.below(ctx, path, func(e inside.Entry) error {
			bits, err := mode.Change(change, e.Mode&0o7777, e.Kind() == unix.S_IFDIR, umask)
			if err != nil || e.Kind() == unix.S_IFLNK {
				return err
			}
			return e.Chmod(bits)
		})
	})
}

func chmodPath(path string, bits uint32) error {
	if err := unix.Chmod(path, bits); err != nil {
		return &os.PathError{Op: "chmod", Path: path, Err: err}
	}
	return nil
}

// below visits, with -R, all that is below a path, a folder before what is in it. What fails is
// reported, and the walk goes on.
func (c *call) below(ctx context.Context, path string, visit func(inside.Entry) error) error {
	if !c.Flag("recursive") {
		return nil
	}
	folder, err := os.OpenFile(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		return nil
	}
	if err != nil {
		return err
	}
	defer folder.Close()
	return inside.Walk(folder, func(e inside.Entry) error {
		if err := visit(e); err != nil {
			c.fail(err)
		}
		return ctx.Err()
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
		path, own := c.Path(name), os.Chown
		if c.Flag("no-dereference") {
			own = os.Lchown
		}
		if err := own(path, uid, gid); err != nil {
			return err
		}
		return c.below(ctx, path, func(e inside.Entry) error { return e.Chown(uid, gid) })
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
