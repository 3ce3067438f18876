package container

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"bootrc/kit/command"
	"bootrc/kit/inside"
	"bootrc/kit/regular"

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
	tree, err := inside.Open(root)
	if err != nil {
		return user{}, err
	}
	defer tree.Close()
	passwd, err := readDatabase(tree, "etc/passwd")
	if err != nil {
		return user{}, err
	}
	group, err := readDatabase(tree, "etc/group")
	if err != nil {
		return user{}, err
	}
	found, err := mobyuser.GetExecUser(spec, &mobyuser.ExecUser{Home: "/"}, bytes.NewReader(passwd), bytes.NewReader(group))
	if err != nil {
		return user{}, fmt.Errorf("user %q: %w", spec, err)
	}
	u := user{uid: uint32(found.Uid), gid: uint32(found.Gid), home: found.Home}
	for _, g := range found.Sgids {
		u.groups = append(u.groups, uint32(g))
	}
	return u, u.addGroups(group, groups)
}

func (u *user) addGroups(database []byte, names []string) error {
	if len(names) == 0 {
		return nil
	}
	ids, err := mobyuser.GetAdditionalGroups(names, bytes.NewReader(database))
	if err != nil {
		return fmt.Errorf("--group-add: %w", err)
	}
	for _, id := range ids {
		u.groups = append(u.groups, uint32(id))
	}
	return nil
}

// readDatabase reads a file that an image need not have.
func readDatabase(tree *inside.Folder, name string) ([]byte, error) {
	b, err := regular.ReadIn(tree, name, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the image's users: %w", err)
	}
	return b, nil
}
