package container

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
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
		{Names: "--group-add", Value: "GROUP", Kind: command.Commas, Help: "be in GROUP as well"},
		{Names: "--passwd", Default: "true", Help: "add a user who is given by number, and has no entry, to /etc/passwd and /etc/group"},
		{Names: "--passwd-entry", Value: "LINE", Help: "make this the user's line of /etc/passwd, with $USERNAME, $UID, $GID, $NAME and $HOME"},
		{Names: "--group-entry", Value: "LINE", Help: "make this the group's line of /etc/group, with $GROUPNAME, $GID and $USERLIST"},
		{Names: "--hostuser", Value: "NAME", Kind: command.Commas, Help: "add the machine's user NAME to /etc/passwd"},
		{Names: "--umask", Value: "MASK", Help: "set the file mode creation mask, in octal, usually 0022", Check: check(parseUmask)},
	},
	read: func(call *command.Call, v *Invocation) error {
		v.Options.User = call.Text("user")
		v.Options.Entries = Entries{!call.Flag("passwd"), call.Text("passwd-entry"), call.Text("group-entry"), call.List("hostuser")}
		for _, group := range call.List("group-add") {
			if group == keepGroups {
				call.Warn("--group-add=keep-groups has no effect: there are no groups but root's to keep")
				continue
			}
			v.Options.Groups = append(v.Options.Groups, group)
		}
		if call.Has("umask") {
			mask, _ := parseUmask(call.Text("umask"))
			v.Options.Umask = &mask
		}
		return nil
	},
	write: writeUser,
}

// keepGroups stands for the caller's groups.
const keepGroups = "keep-groups"

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
	spec, home := cmp.Or(d.options.User, d.image.Config.User), chooseWorkdir(d.image, d.options)
	known, err := readAccounts(d.bundle.Root())
	if err != nil {
		return err
	}
	wanted := d.options.Entries
	added, err := known.addUsers(wanted, home)
	if err != nil {
		return err
	}
	if d.user, err = known.find(spec, d.options.Groups, home); err != nil {
		return err
	}
	if spec != "" && !slices.Contains(d.user.groups, d.user.gid) {
		// so that giving up the first group gives nothing that others of it are denied
		d.user.groups = append([]uint32{d.user.gid}, d.user.groups...)
	}
	d.Process.User = specs.User{UID: d.user.uid, GID: d.user.gid, AdditionalGids: d.user.groups, Umask: d.options.Umask}
	passwd, group := known.complete(spec, d.user, home, wanted)
	if added && passwd == nil {
		passwd = known.passwd
	}
	for name, content := range map[string][]byte{"/etc/passwd": passwd, "/etc/group": group} {
		if content == nil || wanted.None {
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
		if group := uint32(id); !slices.Contains(u.groups, group) {
			u.groups = append(u.groups, group)
		}
	}
	return nil
}

// SetUser gives a process a user of the container whose root is that folder, and root the
// capabilities that anybody in it can have.
func SetUser(p *specs.Process, root, spec string) error {
	known, err := readAccounts(root)
	if err != nil {
		return err
	}
	u, err := known.find(spec, nil, p.Cwd)
	if err == nil {
		granted := p.Capabilities.Bounding
		p.Capabilities = &specs.LinuxCapabilities{Bounding: granted}
		if u.uid == 0 {
			p.Capabilities.Effective, p.Capabilities.Permitted = granted, granted
		}
		p.User = specs.User{UID: u.uid, GID: u.gid, AdditionalGids: u.groups, Umask: p.User.Umask}
		p.Env = mergeVariables(append(p.Env, "HOME="+u.home))
	}
	return err
}
