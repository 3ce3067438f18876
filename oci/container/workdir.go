package container

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/inside"

	"github.com/opencontainers/runtime-spec/specs-go"
)

var workdir = slice{
	options: []command.Option{{Names: "-w, --workdir", Value: "FOLDER", Help: "run in FOLDER, which must be there"}},
	read: func(call *command.Call, v *Invocation) error {
		v.Options.Workdir = call.Text("workdir")
		return nil
	},
	write: writeWorkdir,
}

func writeWorkdir(d *draft) error {
	d.Process.Cwd = chooseWorkdir(d.image, d.options)
	if err := checkWorkdir(d.Root.Path, d.options.Workdir, d.Mounts); err != nil {
		return &StartError{d.Process.Args[0], err}
	}
	return nil
}

func chooseWorkdir(image Image, o Options) string {
	return path.Clean("/" + firstOf(o.Workdir, image.Config.WorkingDir))
}

// checkWorkdir refuses a --workdir that is neither in the image nor in what is
// mounted: only the image's own is made where it is missing.
func checkWorkdir(root, folder string, mounts []specs.Mount) error {
	if folder == "" {
		return nil
	}
	folder = path.Clean("/" + folder)
	for _, m := range mounts {
		if m.Destination == folder || strings.HasPrefix(folder, m.Destination+"/") {
			return nil
		}
	}
	image, err := inside.Open(root)
	if err != nil {
		return err
	}
	defer image.Close()
	if _, err := image.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("workdir %q %w", folder, errNoWorkdir)
	}
	return nil
}

var errNoWorkdir = errors.New("does not exist in the container")
