package container

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"bootrc/kit/command"

	mobyuser "github.com/moby/sys/user"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// user is who a container's process runs as.
type user struct {
	uid, gid uint32
	groups   []uint32
	home     string
}

var person = slice{
	options: []command.Option{
		{Names: "-u, --user", Value: "USER[:GROUP]", Help: "run as USER, by name or number, in place of the image's user"},
		{Names: "--group-add", Value: "GROUP", Kind: command.List, Help: "be in GROUP as well"},
		{Names: "--umask", Value: "MASK", Help: "set the file mode creation mask, in octal, usually 0022", Check: check(parseUmask)},
	},
	read: func(call *command.Call, v *Invocation) error {
		v.Options.User, v.Options.Groups = call.Text("user"), call.List("group-add")
		if call.Has("umask") {
			mask, _ := parseUmask(call.Text("umask"))
			v.Options.Umask = &mask
		}
		return nil
	},
	write: writeUser,
}

func parseUmask(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 8, 12)
	if err != nil {
		return 0, fmt.Errorf("expected an octal number up to 7777, got %q", text)
	}
	return uint32(n), nil
}

func writeUser(d *draft) (err error) {
	d.user, err = lookUpUser(d.bundle.Root(), firstOf(d.options.User, d.image.Config.User), d.options.Groups)
	d.Process.User = specs.User{UID: d.user.uid, GID: d.user.gid, AdditionalGids: d.user.groups, Umask: d.options.Umask}
	return err
}

// lookUpUser resolves USER[:GROUP] and further groups, names or numbers, in the
// container's own /etc/passwd and /etc/group.
func lookUpUser(root, spec string, groups []string) (user, error) {
	tree, err := os.OpenRoot(root)
	if err != nil {
		return user{}, err
	}
	defer tree.Close()
	passwd, closePasswd := openIn(tree, "etc/passwd")
	defer closePasswd()
	group, closeGroup := openIn(tree, "etc/group")
	defer closeGroup()
	found, err := mobyuser.GetExecUser(spec, &mobyuser.ExecUser{Home: "/"}, passwd, group)
	if err != nil {
		return user{}, fmt.Errorf("user %q: %w", spec, err)
	}
	u := user{uid: uint32(found.Uid), gid: uint32(found.Gid), home: found.Home}
	for _, g := range found.Sgids {
		u.groups = append(u.groups, uint32(g))
	}
	return u, u.addGroups(tree, groups)
}

func (u *user) addGroups(tree *os.Root, names []string) error {
	if len(names) == 0 {
		return nil
	}
	file, done := openIn(tree, "etc/group")
	defer done()
	ids, err := mobyuser.GetAdditionalGroups(names, file)
	if err != nil {
		return fmt.Errorf("--group-add: %w", err)
	}
	for _, id := range ids {
		u.groups = append(u.groups, uint32(id))
	}
	return nil
}

// openIn opens a file that an image need not have; links that lead out of the
// image are as good as none.
func openIn(tree *os.Root, name string) (io.Reader, func()) {
	f, err := tree.Open(name)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return errorReader{err}, func() {}
		}
		return nil, func() {}
	}
	return f, func() { f.Close() }
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
