package container

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"

	"github.com/opencontainers/runc/libcontainer"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// UserNamespace says which users of the machine a container's are.
type UserNamespace struct {
	Mode       Namespace // "" and nsHost: the machine's; usersAuto; or that of a container or a path
	UIDs, GIDs []specs.LinuxIDMapping
	Size       uint32 // of usersAuto
}

const (
	usersAuto   Namespace = "auto"
	usersKeepID Namespace = "keep-id" // for a caller who is root: the same numbers, in a namespace of its own

	// autoFirst is the first of the users that usersAuto takes: podman's documentation has its
	// "containers" begin there, and nobody else is above 2³¹.
	autoFirst = 1 << 31
	autoSize  = 1 << 16
)

var users = slice{
	options: []command.Option{
		{Names: "--userns", Value: "host|auto|keep-id|container:NAME|ns:PATH", Default: "host", Check: checkQuoting(parseUserNamespace),
			Help: "have the machine's users; users that no other container has; the machine's in a namespace; or another container's"},
		{Names: "--uidmap", Value: "CONTAINER:HOST[:NUMBER]", Kind: command.List, Check: checkQuoting(parseMapping),
			Help: "have NUMBER of the machine's users from HOST on as the container's from CONTAINER on"},
		{Names: "--gidmap", Value: "CONTAINER:HOST[:NUMBER]", Kind: command.List, Check: checkQuoting(parseMapping),
			Help: "the same for groups (default: as --uidmap)"},
	},
	read:  readUserNamespace,
	write: writeUserNamespace,
}

func readUserNamespace(call *command.Call, v *Invocation) error {
	u, err := parseUserNamespace(call.Text("userns"))
	if err != nil {
		return err
	}
	for name, text := range call.Given("uidmap", "gidmap") {
		mapping, _ := parseMapping(text)
		if name == "uidmap" {
			u.UIDs = append(u.UIDs, mapping)
		} else {
			u.GIDs = append(u.GIDs, mapping)
		}
	}
	if (call.Has("uidmap") || call.Has("gidmap")) && call.Has("userns") {
		return command.Usagef("--userns and --uidmap or --gidmap exclude each other")
	}
	if u.UIDs == nil {
		u.UIDs = u.GIDs
	}
	if u.GIDs == nil {
		u.GIDs = u.UIDs
	}
	v.Options.Users = u
	return nil
}

// parseUserNamespace reads podman-run(1)'s --userns, for a caller who is root.
func parseUserNamespace(text string) (u UserNamespace, err error) {
	mode, options, _ := strings.Cut(text, ":")
	switch u.Mode = Namespace(mode); {
	case text == "", text == string(nsHost):
		return UserNamespace{}, nil
	case isShared(text):
		u.Mode = Namespace(text)
		return u, nil
	case text == string(usersKeepID):
		u.UIDs = []specs.LinuxIDMapping{{Size: math.MaxUint32}}
		u.GIDs = u.UIDs
		return u, nil
	case u.Mode != usersAuto:
		return u, errors.New("expected host, auto, keep-id, container:NAME or ns:PATH")
	}
	u.Size = autoSize
	for option := range strings.SplitSeq(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		var err error
		switch key {
		case "":
		case "size":
			var n uint64
			if n, err = strconv.ParseUint(value, 10, 31); err == nil && n == 0 {
				err = errors.New("it is zero")
			}
			u.Size = uint32(n)
		default:
			err = errors.New("auto knows size alone")
		}
		if err != nil {
			return u, fmt.Errorf("%s: %w", option, err)
		}
	}
	return u, nil
}

func parseMapping(text string) (m specs.LinuxIDMapping, err error) {
	parts := strings.Split(text, ":")
	if len(parts) == 2 {
		parts = append(parts, "1")
	}
	if len(parts) == 3 {
		for i, to := range []*uint32{&m.ContainerID, &m.HostID, &m.Size} {
			n, e := strconv.ParseUint(parts[i], 10, 32)
			*to, err = uint32(n), errors.Join(err, e)
		}
	}
	if len(parts) != 3 || err != nil || m.Size == 0 {
		return m, errors.New("expected CONTAINER:HOST[:NUMBER], in numbers")
	}
	return m, nil
}

func writeUserNamespace(d *draft) error {
	u := d.options.Users
	var path string
	switch {
	case isShared(string(u.Mode)):
		var err error
		if path, err = d.namespace(string(u.Mode), specs.UserNamespace); err != nil {
			return fmt.Errorf("--userns=%s: %w", u.Mode, err)
		}
		if u.UIDs, u.GIDs, err = mappingsOf(path); err != nil {
			return fmt.Errorf("--userns=%s: %w", u.Mode, err)
		}
	case u.Mode == usersAuto:
		u.UIDs = []specs.LinuxIDMapping{{HostID: d.runtime.freeUsers(u.Size), Size: u.Size}}
		u.GIDs = u.UIDs
	case len(u.UIDs) == 0:
		return nil
	}
	d.Linux.Namespaces = append(d.Linux.Namespaces, specs.LinuxNamespace{Type: specs.UserNamespace, Path: path})
	d.Linux.UIDMappings, d.Linux.GIDMappings = u.UIDs, u.GIDs
	if path != "" { // libcontainer reads them itself
		d.Linux.UIDMappings, d.Linux.GIDMappings = nil, nil
	}
	d.users = u
	return nil
}

// mappingsOf reads the mappings of a namespace that /proc/PID/ns/user names.
func mappingsOf(path string) (uids, gids []specs.LinuxIDMapping, err error) {
	process := strings.TrimSuffix(path, "/ns/user")
	for name, to := range map[string]*[]specs.LinuxIDMapping{"/uid_map": &uids, "/gid_map": &gids} {
		text, err := os.ReadFile(process + name)
		if err != nil {
			return nil, nil, err
		}
		for line := range strings.Lines(string(text)) {
			m, err := parseMapping(strings.Join(strings.Fields(line), ":"))
			if err != nil {
				return nil, nil, err
			}
			*to = append(*to, m)
		}
	}
	return uids, gids, nil
}

// freeUsers returns the first of so many users of the machine that no container has.
func (r Runtime) freeUsers(size uint32) uint32 {
	var taken []specs.LinuxIDMapping
	names, _ := os.ReadDir(r.State)
	for _, name := range names {
		c, err := libcontainer.Load(r.State, name.Name())
		if err != nil {
			continue // it has just ended
		}
		for _, m := range c.Config().UIDMappings {
			taken = append(taken, specs.LinuxIDMapping{HostID: uint32(m.HostID), Size: uint32(m.Size)})
		}
	}
	first := uint32(autoFirst)
	for {
		i := slices.IndexFunc(taken, func(m specs.LinuxIDMapping) bool {
			return first < m.HostID+m.Size && m.HostID < first+size && m.HostID >= autoFirst
		})
		if i < 0 {
			return first
		}
		first = taken[i].HostID + taken[i].Size
	}
}

// isSame tells whether a mapping changes no number, so that files keep their owners.
func (u UserNamespace) isSame() bool {
	return !slices.ContainsFunc(slices.Concat(u.UIDs, u.GIDs), func(m specs.LinuxIDMapping) bool { return m.ContainerID != m.HostID })
}
