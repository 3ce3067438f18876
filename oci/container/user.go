package container

import (
	"bytes"
	"fmt"
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

// writeUser finds the user in the container's own /etc/passwd and /etc/group, and adds
// what these lack of one that was given in numbers.
func writeUser(d *draft) error {
	spec, home := firstOf(d.options.User, d.image.Config.User), chooseWorkdir(d.image, d.options)
	known, err := readAccounts(d.bundle.Root())
	if err != nil {
		return err
	}
	if d.user, err = known.find(spec, d.options.Groups, home); err != nil {
		return err
	}
	d.Process.User = specs.User{UID: d.user.uid, GID: d.user.gid, AdditionalGids: d.user.groups, Umask: d.options.Umask}
	passwd, group := known.complete(spec, d.user, home)
	for name, content := range map[string][]byte{"/etc/passwd": passwd, "/etc/group": group} {
		if content == nil {
			continue
		}
		if err := d.bundle.Replace(name, string(content)); err != nil {
			return err
		}
	}
	return nil
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

// SetUser gives a process a user of the container whose root is that folder.
func SetUser(p *specs.Process, root, spec string) error {
	known, err := readAccounts(root)
	if err != nil {
		return err
	}
	u, err := known.find(spec, nil, p.Cwd)
	if err == nil {
		p.User = specs.User{UID: u.uid, GID: u.gid, AdditionalGids: u.groups, Umask: p.User.Umask}
		p.Env = mergeVariables(append(p.Env, "HOME="+u.home))
	}
	return err
}
