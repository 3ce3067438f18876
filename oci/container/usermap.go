package container

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/durable"

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
		{Names: "--userns", Value: "host|auto|keep-id|container:NAME|ns:/proc/PID/ns/user", Default: "host", Check: checkQuoting(parseUserNamespace),
			Help: "have the machine's users; users that no other container has; the machine's in a namespace; or another container's"},
		{Names: "--uidmap", Value: "CONTAINER:HOST[:NUMBER]", Kind: command.Commas, Check: checkQuoting(parseMapping),
			Help: "have NUMBER of the machine's users from HOST on as the container's from CONTAINER on"},
		{Names: "--gidmap", Value: "CONTAINER:HOST[:NUMBER]", Kind: command.Commas, Check: checkQuoting(parseMapping),
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
		if file, ok := strings.CutPrefix(text, namespacePath); ok && !isProcessUsers(file) {
			return u, errors.New("only a process tells who a namespace's users are: expected ns:/proc/PID/ns/user")
		}
		u.Mode = Namespace(text)
		return u, nil
	case text == string(usersKeepID):
		u.UIDs = []specs.LinuxIDMapping{{Size: math.MaxUint32}}
		u.GIDs = u.UIDs
		return u, nil
	case u.Mode != usersAuto:
		return u, errors.New("expected host, auto, keep-id, container:NAME or ns:/proc/PID/ns/user")
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

func isProcessUsers(file string) bool {
	ok, _ := path.Match("/proc/*/ns/user", file)
	return ok
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
	var file string
	switch {
	case isShared(string(u.Mode)):
		var err error
		if file, err = d.namespace(string(u.Mode), specs.UserNamespace); err != nil {
			return fmt.Errorf("--userns=%s: %w", u.Mode, err)
		}
		if u.UIDs, u.GIDs, err = mappingsOf(file); err != nil {
			return fmt.Errorf("--userns=%s: %w", u.Mode, err)
		}
	case u.Mode == usersAuto:
		first, err := d.chooseUsers(u.Size)
		if err != nil {
			return fmt.Errorf("--userns=%s: %w", u.Mode, err)
		}
		u.UIDs = []specs.LinuxIDMapping{{HostID: first, Size: u.Size}}
		u.GIDs = u.UIDs
	case len(u.UIDs) == 0:
		return nil
	}
	own := specs.LinuxNamespace{Type: specs.UserNamespace, Path: file}
	if err := haveKinds([]specs.LinuxNamespace{own}); err != nil {
		return err
	}
	d.Linux.Namespaces = append(d.Linux.Namespaces, own)
	d.Linux.UIDMappings, d.Linux.GIDMappings = u.UIDs, u.GIDs
	if file != "" { // libcontainer reads them itself
		d.Linux.UIDMappings, d.Linux.GIDMappings = nil, nil
	}
	d.users = u
	return nil
}

// mappingsOf reads the mappings of a namespace that /proc/PID/ns/user names.
func mappingsOf(file string) (uids, gids []specs.LinuxIDMapping, err error) {
	process := strings.TrimSuffix(file, "/ns/user")
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

// chooseUsers returns the first of so many users of the machine that no container has. No other container
// chooses until this one is made: only then those that it has are known.
func (d *draft) chooseUsers(size uint32) (first uint32, err error) {
	state := d.runtime.State
	if err := os.MkdirAll(filepath.Dir(state), 0o711); err != nil {
		return 0, err
	}
	if d.choosing, err = durable.Lock(context.Background(), state+".lock"); err != nil {
		return 0, err
	}
	var taken []specs.LinuxIDMapping
	names, _ := os.ReadDir(state)
	for _, name := range names {
		c, err := libcontainer.Load(state, name.Name())
		if err != nil {
			continue // it has just ended
		}
		for _, m := range c.Config().UIDMappings {
			taken = append(taken, specs.LinuxIDMapping{HostID: uint32(m.HostID), Size: uint32(m.Size)})
		}
	}
	return freeUsers(taken, size)
}

// freeUsers returns the first of so many users from autoFirst on that are not taken.
func freeUsers(taken []specs.LinuxIDMapping, size uint32) (uint32, error) {
	taken = slices.Clone(taken)
	slices.SortFunc(taken, func(a, b specs.LinuxIDMapping) int { return cmp.Compare(a.HostID, b.HostID) })
	first := uint64(autoFirst)
	for _, m := range taken {
		begin, end := uint64(m.HostID), uint64(m.HostID)+uint64(m.Size)
		if begin >= autoFirst && begin < first+uint64(size) && first < end { // what begins below is the machine's: --userns=keep-id
			first = end
		}
	}
	if first+uint64(size) > math.MaxUint32 { // the last number is nobody's: chown(2)
		return 0, fmt.Errorf("no %d users in a row are left from %d on: give a smaller size, or end other containers", size, uint32(autoFirst))
	}
	return uint32(first), nil
}

// isSame tells whether a mapping changes no number, so that files keep their owners.
func (u UserNamespace) isSame() bool {
	return !slices.ContainsFunc(slices.Concat(u.UIDs, u.GIDs), func(m specs.LinuxIDMapping) bool { return m.ContainerID != m.HostID })
}
