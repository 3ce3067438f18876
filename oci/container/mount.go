package container

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/mount"
)

// Mount is one file system in a container, of -v, --mount or --tmpfs.
type Mount struct {
	Type        string   // mountBind, mountVolume, mountTmpfs …
	Source      string   // a bind's path, an image's or a volume's name, or "" for one that ends with the container
	Destination string   // absolute and clean
	Options     []string // of mount(8)
	Subpath     string   // what to mount of a volume or an image
	NoCopy      bool     // leave an empty volume or tmpfs empty, where the image has files
	Chown       bool     // give all files of the source to the container's user
	Overlay     bool     // keep the container's changes from the source: they end with the container
	Mapped      bool     // files belong to the container's users, with the numbers that they have on disk

	layers []string // of an image
}

const (
	mountBind   = "bind"
	mountVolume = "volume"
	mountTmpfs  = "tmpfs"
	mountRamfs  = "ramfs"
	mountDevpts = "devpts"
	mountImage  = "image"
	mountGlob   = "glob" // binds, one for each path that matches the source
)

var mounts = slice{
	options: []command.Option{
		{Names: "-v, --volume", Value: "[SOURCE:]DESTINATION[:OPTIONS]", Kind: command.List, Check: checkQuoting(parseVolume),
			Help: "mount a folder, or the volume of that name, in the container"},
		{Names: "--mount", Value: "type=TYPE,destination=PATH[,KEY=VALUE]…", Kind: command.List, Check: checkQuoting(parseMount),
			Help: "mount a bind, glob, volume, image, tmpfs, ramfs or devpts"},
		{Names: "--tmpfs", Value: "DESTINATION[:OPTIONS]", Kind: command.List, Check: checkQuoting(parseTmpfs),
			Help: "mount memory in the container"},
		{Names: "--image-volume", Value: "bind|anonymous|tmpfs|ignore", Kind: command.Choice, Default: "bind",
			Help: "what to mount where the image declares volumes: a folder, memory or nothing"},
	},
	read:  readMounts,
	write: writeMounts,
}

var mountParsers = map[string]func(string) (Mount, error){"volume": parseVolume, "mount": parseMount, "tmpfs": parseTmpfs}

func readMounts(call *command.Call, v *Invocation) error {
	if call.Has("image-volume") {
		v.Options.ImageVolumes = ImageVolumes(call.Text("image-volume"))
	}
	for name, text := range call.Given("volume", "mount", "tmpfs") {
		m, err := mountParsers[name](text)
		var list []Mount
		if err == nil {
			list, err = m.resolve(call)
		}
		for _, one := range list {
			err = errors.Join(err, addMount(&v.Options.Mounts, one))
		}
		if err != nil {
			return call.Wrong(name, fmt.Errorf("%s: %w", text, err))
		}
	}
	return nil
}

// resolve finds the sources of binds in the caller's folder.
func (m Mount) resolve(call *command.Call) ([]Mount, error) {
	switch m.Type {
	default:
		return []Mount{m}, nil
	case mountBind:
		m.Source = call.Path(m.Source)
		_, err := os.Stat(m.Source)
		return []Mount{m}, err
	case mountGlob:
		return m.matches(call.Path(m.Source))
	}
}

// matches makes a bind for each path that matches: in the destination, if there is one, or
// else in the place that it has on the machine.
func (m Mount) matches(pattern string) (list []Mount, err error) {
	names, err := filepath.Glob(pattern)
	if err == nil && len(names) == 0 {
		err = errors.New("no path matches")
	}
	for _, name := range names {
		one := m
		one.Type, one.Source, one.Destination = mountBind, name, path.Clean(name)
		if m.Destination != "" {
			one.Destination = path.Join(m.Destination, path.Base(name))
		}
		list = append(list, one)
	}
	return list, err
}

// addMount refuses a second mount in one place, unless it is the same.
func addMount(mounts *[]Mount, m Mount) error {
	for _, other := range *mounts {
		if other.Destination != m.Destination {
			continue
		}
		if other.Type == m.Type && other.Source == m.Source && slices.Equal(other.Options, m.Options) {
			return nil
		}
		return fmt.Errorf("%s: duplicate mount destination", m.Destination)
	}
	*mounts = append(*mounts, m)
	return nil
}

// parseVolume reads podman-run(1)'s --volume. What begins with neither . nor /
// is the name of a volume.
func parseVolume(text string) (Mount, error) {
	parts := strings.Split(text, ":")
	if len(parts) > 3 {
		return Mount{}, errors.New("expected [SOURCE:]DESTINATION[:OPTIONS]")
	}
	m := Mount{Type: mountVolume}
	switch {
	case len(parts) == 1:
		parts = []string{"", parts[0]}
	case parts[0] == "":
		return Mount{}, errors.New("the source is empty")
	case strings.HasPrefix(parts[0], "/"), strings.HasPrefix(parts[0], "."):
		m.Type = mountBind
	case CheckName(parts[0]) != nil:
		return Mount{}, fmt.Errorf("%q is no volume's name, and no path", parts[0])
	}
	m.Source = parts[0]
	if err := m.setDestination(parts[1]); err != nil {
		return Mount{}, err
	}
	if len(parts) == 3 {
		for _, option := range strings.Split(parts[2], ",") {
			if err := m.addVolumeOption(option); err != nil {
				return Mount{}, err
			}
		}
	}
	return m, checkOpposites(m.Options)
}

func (m *Mount) setDestination(destination string) error {
	if !path.IsAbs(destination) {
		return fmt.Errorf("the destination %q must be an absolute path", destination)
	}
	m.Destination = path.Clean(destination)
	if m.Destination == "/" {
		return errors.New("the destination must not be the root folder")
	}
	return nil
}

// bindOptions are those of mount(8) that podman takes for binds and volumes, beside those
// of propagation.
var bindOptions = []string{"ro", "rw", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "bind", "rbind"}

func (m *Mount) addVolumeOption(option string) error {
	switch {
	case slices.Contains(bindOptions, option), mount.IsPropagation(option):
		m.Options = append(m.Options, option)
	case option == "z", option == "Z": // labels of SELinux, which is not here
	case option == "copy":
	case option == "nocopy":
		m.NoCopy = true
	case option == "U":
		m.Chown = true
	case option == "O":
		m.Overlay = true
	case option == "idmap":
		m.Mapped = true
	case option == "nocreate", strings.HasPrefix(option, "idmap="), strings.HasPrefix(option, "upperdir="), strings.HasPrefix(option, "workdir="):
		return fmt.Errorf("the option %s is not supported", option)
	default:
		return fmt.Errorf("unknown option %q", option)
	}
	return nil
}

func parseTmpfs(text string) (Mount, error) {
	destination, options, given := strings.Cut(text, ":")
	m := Mount{Type: mountTmpfs}
	if err := m.setDestination(destination); err != nil {
		return Mount{}, err
	}
	if !given {
		return m, nil
	}
	for _, option := range strings.Split(options, ",") {
		if err := m.addTmpfsOption(option); err != nil {
			return Mount{}, err
		}
	}
	return m, checkOpposites(m.Options)
}

// checkOpposites refuses what says yes and no.
func checkOpposites(options []string) error {
	for _, pair := range [][2]string{{"ro", "rw"}, {"exec", "noexec"}, {"suid", "nosuid"}, {"dev", "nodev"}} {
		if slices.Contains(options, pair[0]) && slices.Contains(options, pair[1]) {
			return fmt.Errorf("%s and %s exclude each other", pair[0], pair[1])
		}
	}
	return nil
}

func (m *Mount) addTmpfsOption(option string) error {
	key, _, valued := strings.Cut(option, "=")
	switch {
	case valued && slices.Contains([]string{"size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "huge"}, key),
		slices.Contains([]string{"ro", "rw", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "noatime", "relatime", "noswap",
			"private", "rprivate", "slave", "rslave"}, option):
		m.Options = append(m.Options, option)
	case option == "tmpcopyup":
	case option == "notmpcopyup":
		m.NoCopy = true
	case option == "U":
		m.Chown = true
	default:
		return fmt.Errorf("unknown mount option %q", option)
	}
	return nil
}
