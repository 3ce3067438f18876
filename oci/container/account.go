package container

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"bootrc/kit/inside"
	"bootrc/kit/regular"

	mobyuser "github.com/moby/sys/user"
)

// accounts are a container's /etc/passwd and /etc/group.
type accounts struct{ passwd, group []byte }

func readAccounts(root string) (a accounts, err error) {
	tree, err := inside.Open(root)
	if err != nil {
		return a, err
	}
	defer tree.Close()
	if a.passwd, err = readDatabase(tree, "etc/passwd"); err == nil {
		a.group, err = readDatabase(tree, "etc/group")
	}
	return a, err
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

// find resolves USER[:GROUP] and further groups, names or numbers. home is that of a number
// without an entry.
func (a accounts) find(spec string, groups []string, home string) (user, error) {
	found, err := mobyuser.GetExecUser(spec, &mobyuser.ExecUser{Home: "/"}, bytes.NewReader(a.passwd), bytes.NewReader(a.group))
	if err != nil {
		return user{}, fmt.Errorf("user %q: %w", spec, err)
	}
	u := user{uid: uint32(found.Uid), gid: uint32(found.Gid), home: found.Home}
	if a.lacksUser(spec, u) {
		u.home = home
	}
	for _, g := range found.Sgids {
		u.groups = append(u.groups, uint32(g))
	}
	return u, u.addGroups(a.group, groups)
}

// Entries says what is added to a container's /etc/passwd and /etc/group: podman-run(1)'s --passwd,
// --passwd-entry, --group-entry and --hostuser.
type Entries struct {
	None          bool     // nothing
	Passwd, Group string   // in place of the usual lines, with $UID and the like; "": those
	Users         []string // of the machine, who are added
}

// complete returns the files with an entry for the user of USER[:GROUP], given in numbers,
// as podman has it. A file that needs none is nil.
func (a accounts) complete(spec string, u user, home string, wanted Entries) (passwd, group []byte) {
	if strings.ContainsAny(home, ":\n") {
		home = "/"
	}
	if a.lacksUser(spec, u) {
		uid, gid := fmt.Sprint(u.uid), fmt.Sprint(u.gid)
		passwd = withLine(a.passwd, wanted.passwdLine(uid, uid, gid, "container user", home))
	}
	member, name, given := strings.Cut(spec, ":")
	if !given { // podman takes the user's number
		name = member
	}
	if gid, err := strconv.Atoi(name); err == nil && !a.hasGroup(gid) {
		line := fmt.Sprintf("%d:x:%d:%s", gid, gid, member)
		if wanted.Group != "" {
			line = fill(wanted.Group, "$GROUPNAME", name, "$GID", name, "$USERLIST", member)
		}
		group = withLine(a.group, line)
	}
	return passwd, group
}

func (e Entries) passwdLine(name, uid, gid, person, home string) string {
	template := e.Passwd
	if template == "" {
		template = "$USERNAME:*:$UID:$GID:$NAME:$HOME:/bin/sh"
	}
	return fill(template, "$USERNAME", name, "$UID", uid, "$GID", gid, "$NAME", person, "$HOME", home)
}

func fill(template string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(template)
}

// addUsers adds users of the machine whom the image does not have, neither by name nor by number.
func (a *accounts) addUsers(wanted Entries, home string) (added bool, err error) {
	for _, name := range wanted.Users {
		found, err := mobyuser.ParsePasswdFileFilter("/etc/passwd", func(u mobyuser.User) bool { return u.Name == name || strconv.Itoa(u.Uid) == name })
		if err != nil || len(found) == 0 {
			return false, fmt.Errorf("--hostuser: this machine has no user %q", name)
		}
		host := found[0]
		there, _ := mobyuser.ParsePasswdFilter(bytes.NewReader(a.passwd), func(u mobyuser.User) bool { return u.Name == host.Name || u.Uid == host.Uid })
		if len(there) == 0 {
			a.passwd = withLine(a.passwd, wanted.passwdLine(host.Name, strconv.Itoa(host.Uid), strconv.Itoa(host.Gid), host.Gecos, home))
			added = true
		}
	}
	return added, nil
}

// lacksUser tells whether the user was given as a number that has no entry.
func (a accounts) lacksUser(spec string, u user) bool {
	name, _, _ := strings.Cut(spec, ":")
	if _, err := strconv.Atoi(name); err != nil {
		return false
	}
	found, err := mobyuser.ParsePasswdFilter(bytes.NewReader(a.passwd), func(other mobyuser.User) bool { return other.Uid == int(u.uid) })
	return err == nil && len(found) == 0
}

func (a accounts) hasGroup(gid int) bool {
	found, err := mobyuser.ParseGroupFilter(bytes.NewReader(a.group), func(g mobyuser.Group) bool { return g.Gid == gid })
	return err != nil || len(found) > 0
}

// withLine adds a line to a file, whose last one need not be ended.
func withLine(file []byte, line string) []byte {
	all := bytes.Clone(file)
	if len(all) > 0 && all[len(all)-1] != '\n' {
		all = append(all, '\n')
	}
	return append(all, line+"\n"...)
}
