package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	securejoin "github.com/cyphar/filepath-securejoin"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// newSpec writes the container down as the OCI runtime-spec does, with podman's
// defaults. wanted are the mounts beside podman's.
func newSpec(id, root string, image Image, o Options, user user, wanted []specs.Mount) (*specs.Spec, error) {
	args, err := arguments(image, o)
	if err != nil {
		return nil, err
	}
	hostname, err := hostname(id, o)
	if err != nil {
		return nil, err
	}
	spec := &specs.Spec{
		Version:     specs.Version,
		Hostname:    hostname,
		Annotations: o.Annotations,
		Root:        &specs.Root{Path: root, Readonly: o.ReadOnly},
		Process: &specs.Process{
			User:         specs.User{UID: user.uid, GID: user.gid, AdditionalGids: user.groups, Umask: o.Umask},
			Args:         args,
			Env:          environment(image, o, user, hostname),
			Cwd:          workdir(image, o),
			Capabilities: capabilities(o, user.uid),
			OOMScoreAdj:  o.OOMScoreAdj,
		},
		Mounts: mounts(o),
		Linux: &specs.Linux{
			CgroupsPath: "/bootrc-" + id,
			Namespaces:  namespaces(o),
			Resources:   &o.Resources,
			Sysctl:      o.Sysctl,
		},
	}
	if o.UTS == nsHost {
		spec.Hostname = ""
	}
	if o.Systemd.runs(args) {
		prepareSystemd(spec, id)
	}
	addMounts(spec, wanted)
	if err := checkWorkdir(root, o.Workdir, wanted); err != nil {
		return nil, &StartError{args[0], err}
	}
	return spec, confine(spec, o)
}

func hostname(id string, o Options) (string, error) {
	switch {
	case o.Hostname != "":
		return o.Hostname, nil
	case o.Network == nsNone && o.UTS != nsHost:
		return id, nil
	}
	return os.Hostname()
}

// checkWorkdir refuses a --workdir that is neither in the image nor in what is
// mounted: only the image's own is made where it is missing.
func checkWorkdir(root, folder string, wanted []specs.Mount) error {
	if folder == "" {
		return nil
	}
	folder = path.Clean("/" + folder)
	for _, m := range wanted {
		if m.Destination == folder || strings.HasPrefix(folder, m.Destination+"/") {
			return nil
		}
	}
	inside, err := securejoin.SecureJoin(root, folder)
	if err != nil {
		return err
	}
	if _, err := os.Stat(inside); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("workdir %q %w", folder, errNoWorkdir)
	}
	return nil
}

var errNoWorkdir = errors.New("does not exist in the container")
