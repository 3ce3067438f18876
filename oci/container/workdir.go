package container

import (
	"cmp"
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
	root, err := inside.Open(d.Root.Path)
	if err != nil {
		return err
	}
	defer root.Close()
	if d.options.Workdir == "" {
		return makeWorkdir(root, d.Process.Cwd, d.user)
	}
	if err := checkWorkdir(root, d.options.Workdir, d.Mounts); err != nil {
		return &StartError{d.Process.Args[0], err}
	}
	return nil
}

// makeWorkdir makes the image's own folder, where it is missing, and gives it to the user.
// What lies there otherwise is told when the container starts.
func makeWorkdir(root *inside.Folder, folder string, u user) error {
	if _, err := root.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	made, err := root.MakeFolder(folder, 0o755)
	if err != nil {
		return fmt.Errorf("workdir %q: %w", folder, err)
	}
	defer made.Close()
	return chown(made, u)
}

func chooseWorkdir(image Image, o Options) string {
	return path.Clean("/" + cmp.Or(o.Workdir, image.Config.WorkingDir))
}

// checkWorkdir refuses a --workdir that is neither in the image nor in what is
// mounted: only the image's own is made where it is missing.
func checkWorkdir(root *inside.Folder, folder string, mounts []specs.Mount) error {
	folder = path.Clean("/" + folder)
	for _, m := range mounts {
		if m.Destination == folder || strings.HasPrefix(folder, m.Destination+"/") {
			return nil
		}
	}
	there, err := root.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("workdir %q %w", folder, errNoWorkdir)
	case err == nil && !there.IsDir():
		return fmt.Errorf("workdir %q %w", folder, errWorkdirNoFolder)
	}
	return nil
}

var (
	errNoWorkdir       = errors.New("does not exist in the container")
	errWorkdirNoFolder = errors.New("is no folder in the container")
)
