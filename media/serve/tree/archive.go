package tree

import (
	"bytes"
	"errors"
	"io/fs"
	"regexp"
	"slices"

	"bootrc/kit/regular"

	"github.com/cavaliergopher/cpio"
	"golang.org/x/sys/unix"
)

// argumentsFile is where the boot looks for arguments that an archive brings.
const argumentsFile = "etc/bootrc/cmdline.d/50-netboot"

// archive returns what is stacked behind the initramfs: a machine's arguments, and the hooks.
func (t *Tree) archive(a arguments) ([]byte, error) {
	var b bytes.Buffer
	w := cpio.NewWriter(&b)
	write := func(name string, mode cpio.FileMode, content []byte) error {
		header := &cpio.Header{Name: name, Mode: cpio.TypeReg | mode, Size: int64(len(content)), Links: 1}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		_, err := w.Write(content)
		return err
	}
	if err := write(argumentsFile, 0o600, []byte(a.file)); err != nil {
		return nil, err
	}
	hooks, err := t.hooks()
	if err != nil {
		return nil, err
	}
	for _, name := range hooks {
		content, err := regular.ReadIn(t.root, "hooks/"+name, mostHook)
		if err != nil {
			return nil, err
		}
		if err := write("hooks/"+name, 0o755, content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return append(b.Bytes(), make([]byte, -b.Len()&3)...), nil
}

const mostHook = 16 << 20

var hookName = regexp.MustCompile(`^[0-9][0-9]-[0-9A-Za-z_.-]+\.sh$`)

// hooks lists the hooks. What is no hook by its name, such as an editor's copy, is none.
func (t *Tree) hooks() ([]string, error) {
	folder, err := t.root.OpenFile("hooks", unix.O_RDONLY|unix.O_DIRECTORY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool { return !hookName.MatchString(name) }), err
}
