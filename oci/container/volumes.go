package container

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"bootrc/kit/mount"
	"bootrc/oci/container/bundle"

	copier "github.com/containerd/continuity/fs"
	securejoin "github.com/cyphar/filepath-securejoin"
	"github.com/opencontainers/runtime-spec/specs-go"
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
	v := volumes{bundle: d.bundle, named: d.volume, user: d.user}
	wanted, err := v.mounts(d.image, d.options)
	if err == nil {
		addMounts(d.Spec, wanted)
	}
	return err
}

// volumes makes the mounts of one container.
type volumes struct {
	bundle *bundle.Bundle
	named  func(name string) (folder string, err error)
	user   user
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
	case mountTmpfs:
		return v.tmpfs(m), nil
	case mountDevpts:
		return specs.Mount{Destination: m.Destination, Type: "devpts", Source: "devpts", Options: m.Options}, nil
	case mountVolume:
		return v.volume(m)
	}
	return v.bind(m, m.Source, nil)
}

// tmpfs has podman's defaults: as the image's folder at first, but no devices and
// no set-uid programs.
func (v *volumes) tmpfs(m Mount) specs.Mount {
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
	return specs.Mount{Destination: m.Destination, Type: "tmpfs", Source: "tmpfs", Options: options}
}

// volume finds or makes a volume's folder, fills it, if it is empty, with what
// the image has in its place, and binds it.
func (v *volumes) volume(m Mount) (specs.Mount, error) {
	folder, err := v.folder(m.Source)
	if err != nil {
		return specs.Mount{}, err
	}
	if !m.NoCopy && m.Subpath == "" {
		if err := v.fill(folder, m.Destination); err != nil {
			return specs.Mount{}, err
		}
	}
	if m.Subpath != "" {
		if folder, err = securejoin.SecureJoin(folder, m.Subpath); err != nil {
			return specs.Mount{}, err
		}
	}
	return v.bind(m, folder, []string{"nosuid", "nodev"})
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

func (v *volumes) bind(m Mount, source string, defaults []string) (specs.Mount, error) {
	if m.Chown {
		if err := chownAll(source, v.user); err != nil {
			return specs.Mount{}, err
		}
	}
	options := slices.Concat(defaults, m.Options)
	if !slices.Contains(options, "bind") {
		options = append([]string{"rbind"}, options...)
	}
	if !slices.ContainsFunc(options, mount.IsPropagation) {
		options = append(options, "rprivate")
	}
	return specs.Mount{Destination: m.Destination, Type: "bind", Source: source, Options: options}, nil
}

// fill copies the image's files into an empty volume. A new volume in a place
// where the image has nothing belongs to the container's user.
func (v *volumes) fill(folder, destination string) error {
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		return err
	}
	from, err := securejoin.SecureJoin(v.bundle.Root(), destination)
	if err != nil {
		return err
	}
	info, err := os.Stat(from)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.Chown(folder, int(v.user.uid), int(v.user.gid))
	case err != nil:
		return err
	case !info.IsDir():
		return nil
	}
	if err := copier.CopyDir(folder, from); err != nil {
		return fmt.Errorf("copying the image's %s: %w", destination, err)
	}
	return nil
}

func chownAll(folder string, u user) error {
	return filepath.WalkDir(folder, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(name, int(u.uid), int(u.gid))
	})
}
