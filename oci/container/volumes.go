package container

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"

	"bootrc/kit/inside"
	"bootrc/kit/mount"
	"bootrc/oci/container/bundle"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// ImageVolumes says what becomes of the folders that an image declares as its
// volumes: a folder of this container's own (also ""), a tmpfs, or nothing.
type ImageVolumes string

// maxImageVolumes bounds how many there may be: each is a mount.
const maxImageVolumes = 500

const (
	imageVolumesBind      ImageVolumes = "bind"
	imageVolumesAnonymous ImageVolumes = "anonymous"
	imageVolumesTmpfs     ImageVolumes = "tmpfs"
	imageVolumesIgnore    ImageVolumes = "ignore"
)

// writeMounts mounts what was asked for.
func writeMounts(d *draft) error {
	v := volumes{bundle: d.bundle, named: d.runtime.Volume, user: d.user, users: d.users}
	wanted, err := v.mounts(d.image, d.options)
	if err == nil {
		d.volumes = wanted
		addMounts(d.Spec, wanted)
	}
	return err
}

// volumes makes the mounts of one container.
type volumes struct {
	bundle *bundle.Bundle
	named  func(name string) (folder string, err error)
	user   user
	users  UserNamespace
	made   int // anonymous volumes
}

// mounts turns what was asked for, and what the image declares, into mounts of
// the OCI runtime-spec.
func (v *volumes) mounts(image Image, o Options) ([]specs.Mount, error) {
	if n := len(image.Config.Volumes); n > maxImageVolumes && o.ImageVolumes != imageVolumesIgnore {
		return nil, fmt.Errorf("%s declares %d volumes, more than the %d allowed: give --image-volume=ignore", image.Name, n, maxImageVolumes)
	}
	wanted := slices.Clone(o.Mounts)
	for _, folder := range slices.Sorted(maps.Keys(image.Config.Volumes)) {
		m := Mount{Type: mountVolume, Destination: path.Clean("/" + folder)}
		if o.ImageVolumes == imageVolumesTmpfs {
			m.Type = mountTmpfs
		}
		taken := slices.ContainsFunc(o.Mounts, func(other Mount) bool { return other.Destination == m.Destination })
		if !taken && o.ImageVolumes != imageVolumesIgnore && m.Destination != "/" {
			wanted = append(wanted, m)
		}
	}
	var list []specs.Mount
	for _, m := range wanted {
		entry, err := v.mount(m)
		if err != nil {
			return nil, fmt.Errorf("mount on %s: %w", m.Destination, err)
		}
		list = append(list, entry)
	}
	return list, nil
}

func (v *volumes) mount(m Mount) (specs.Mount, error) {
	switch m.Type {
	case mountTmpfs, mountRamfs:
		return v.memory(m), nil
	case mountDevpts:
		return specs.Mount{Destination: m.Destination, Type: "devpts", Source: "devpts", Options: m.Options}, nil
	case mountVolume:
		return v.volume(m)
	case mountImage:
		return v.image(m)
	}
	if !m.Chown && !m.Overlay {
		return v.bind(m, m.Source, nil), nil
	}
	source, err := os.OpenFile(m.Source, unix.O_PATH, 0)
	if err != nil {
		return specs.Mount{}, err
	}
	defer source.Close()
	return v.bindOpen(m, source, nil)
}

// image mounts another image's files.
func (v *volumes) image(m Mount) (specs.Mount, error) {
	place, err := v.bundle.Overlay(m.layers, isWritable(m.Options))
	if err != nil || m.Subpath == "" {
		return v.bind(m, place, nil), err
	}
	root, err := inside.Open(place)
	if err != nil {
		return specs.Mount{}, err
	}
	defer root.Close()
	source, err := root.OpenFile(m.Subpath, unix.O_PATH)
	if err != nil {
		return specs.Mount{}, err
	}
	defer source.Close()
	return v.bindOpen(m, source, nil)
}

// isWritable tells which of ro and rw comes last.
func isWritable(options []string) bool {
	writable := true
	for _, option := range options {
		writable = option == "rw" || writable && option != "ro"
	}
	return writable
}

// memory is a tmpfs or ramfs with podman's defaults: as the image's folder at first, but no devices and
// no set-uid programs.
func (v *volumes) memory(m Mount) specs.Mount {
	options := append([]string{"rw", "nosuid", "nodev"}, m.Options...)
	if !m.NoCopy {
		options = append(options, "tmpcopyup")
	}
	if m.Chown {
		options = append(options, fmt.Sprintf("uid=%d", v.user.uid), fmt.Sprintf("gid=%d", v.user.gid))
	}
	if !slices.ContainsFunc(options, mount.IsPropagation) {
		options = append(options, "rprivate")
	}
	return specs.Mount{Destination: m.Destination, Type: m.Type, Source: m.Type, Options: options}
}

// volumeOptions are podman's for volumes.
var volumeOptions = []string{"nosuid", "nodev"}

// volume finds or makes a volume's folder, fills it, if it is empty, with what
// the image has in its place, and binds it. Other containers may have it, too, and
// change what is in it meanwhile.
func (v *volumes) volume(m Mount) (specs.Mount, error) {
	folder, err := v.folder(m.Source)
	if err != nil {
		return specs.Mount{}, err
	}
	root, err := inside.Open(folder)
	if err != nil {
		return specs.Mount{}, err
	}
	defer root.Close()
	source, err := root.OpenFile("/"+m.Subpath, unix.O_PATH)
	if err != nil {
		return specs.Mount{}, err
	}
	defer source.Close()
	// the same numbers for all containers, whoever their users are
	m.Mapped = !v.users.isSame()
	if m.Subpath != "" || m.Overlay {
		return v.bindOpen(m, source, volumeOptions)
	}
	if !m.NoCopy {
		err = v.fill(source, m.Destination)
	}
	if err == nil && m.Chown {
		err = chownAll(source, v.owner(m))
	}
	return v.bind(m, folder, volumeOptions), err
}

func (v *volumes) folder(name string) (string, error) {
	if name == "" {
		v.made++
		return v.bundle.MakeFolder("volume" + strconv.Itoa(v.made))
	}
	if v.named == nil {
		return "", fmt.Errorf("volume %s: there are no named volumes here", name)
	}
	return v.named(name)
}

// bindOpen binds what is open, whatever has its name by the time of the mount.
func (v *volumes) bindOpen(m Mount, source *os.File, defaults []string) (specs.Mount, error) {
	if m.Chown {
		if err := chownAll(source, v.owner(m)); err != nil {
			return specs.Mount{}, err
		}
	}
	place, err := v.bundle.Bind(source)
	if err == nil && m.Overlay {
		place, err = v.bundle.Overlay([]string{place}, true)
	}
	return v.bind(m, place, defaults), err
}

// owner is the container's user, by the number that it has on disk.
func (v *volumes) owner(m Mount) user {
	if m.Mapped {
		return v.user
	}
	u := v.user
	u.uid, u.gid = bundle.HostID(v.users.UIDs, u.uid), bundle.HostID(v.users.GIDs, u.gid)
	return u
}

func (v *volumes) bind(m Mount, source string, defaults []string) specs.Mount {
	options := slices.Concat(defaults, m.Options)
	if !slices.Contains(options, "bind") {
		options = append([]string{"rbind"}, options...)
	}
	if !slices.ContainsFunc(options, mount.IsPropagation) {
		options = append(options, "rprivate")
	}
	if m.Mapped && len(v.users.UIDs) > 0 {
		options = append(options, "idmap")
	}
	return specs.Mount{Destination: m.Destination, Type: "bind", Source: source, Options: options}
}

// fill copies the image's files into an empty volume. A new volume in a place
// where the image has nothing belongs to the container's user.
func (v *volumes) fill(volume *os.File, destination string) error {
	if empty, err := isEmpty(volume); err != nil || !empty {
		return err
	}
	image, err := inside.Open(v.bundle.Root())
	if err != nil {
		return err
	}
	defer image.Close()
	from, err := image.OpenFile(destination, unix.O_PATH|unix.O_DIRECTORY)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return chown(volume, v.user)
	case errors.Is(err, unix.ENOTDIR):
		return nil
	case err != nil:
		return err
	}
	defer from.Close()
	if err := inside.Copy(from, volume); err != nil {
		return fmt.Errorf("copying the image's %s: %w", destination, err)
	}
	return nil
}

func isEmpty(folder *os.File) (bool, error) {
	fd, err := inside.OpenAt(int(folder.Fd()), ".", unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return false, err
	}
	names := os.NewFile(uintptr(fd), folder.Name())
	defer names.Close()
	_, err = names.Readdirnames(1)
	if err == io.EOF {
		return true, nil
	}
	return false, err
}

// chownAll gives what is open to a user, with all that is below it.
func chownAll(top *os.File, u user) error {
	if err := chown(top, u); err != nil {
		return err
	}
	if info, err := top.Stat(); err != nil || !info.IsDir() {
		return err
	}
	return inside.Walk(top, func(e inside.Entry) error {
		return e.Chown(int(u.uid), int(u.gid))
	})
}

func chown(f *os.File, u user) error {
	return os.NewSyscallError("chown", unix.Fchownat(int(f.Fd()), "", int(u.uid), int(u.gid), unix.AT_EMPTY_PATH))
}
