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

// complete returns the files with an entry for the user of USER[:GROUP], given in numbers,
// as podman has it. A file that needs none is nil.
func (a accounts) complete(spec string, u user, home string) (passwd, group []byte) {
	if a.lacksUser(spec, u) {
		if strings.ContainsAny(home, ":\n") {
			home = "/"
		}
		passwd = withLine(a.passwd, fmt.Sprintf("%d:*:%d:%d:container user:%s:/bin/sh", u.uid, u.uid, u.gid, home))
	}
	member, name, given := strings.Cut(spec, ":")
	if !given { // podman takes the user's number
		name = member
	}
	if gid, err := strconv.Atoi(name); err == nil && !a.hasGroup(gid) {
		group = withLine(a.group, fmt.Sprintf("%d:x:%d:%s", gid, gid, member))
	}
	return passwd, group
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
