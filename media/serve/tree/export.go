package tree

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Export writes into a tree's folder what is otherwise made when a machine asks for it, so that any server of HTTP or
// TFTP can serve the folder. Machines are told apart by iPXE then. It returns the names of what it wrote.
func Export(folder string) (written []string, err error) {
	t, err := New(folder)
	if err != nil {
		return nil, err
	}
	defer t.root.Close()
	t.static = true
	names, err := t.exported()
	if err != nil {
		return nil, err
	}
	// beside the former, which machines boot from until all is there
	machines := filepath.Join(folder, "machines")
	unfinished := machines + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return nil, err
	}
	defer os.RemoveAll(unfinished)
	if err := os.Mkdir(unfinished, 0o755); err != nil {
		return nil, err
	}
	for _, name := range names {
		to := filepath.Join(folder, name)
		if below, ok := strings.CutPrefix(name, "machines/"); ok {
			to = filepath.Join(unfinished, below)
		}
		if err := t.write(name, to); err != nil {
			return nil, err
		}
	}
	if err := os.RemoveAll(machines); err != nil {
		return nil, err
	}
	return names, os.Rename(unfinished, machines)
}

// exported lists what is made, under the names that a server without this program is asked for.
func (t *Tree) exported() ([]string, error) {
	identities, err := t.names()
	if err != nil {
		return nil, err
	}
	names := []string{"boot.ipxe"}
	for _, identity := range identities {
		places := []string{identity}
		if key(identity) != identity { // a serial number as the firmware writes it
			places = append(places, key(identity))
		}
		for _, place := range places {
			names = append(names, "machines/"+place+".ipxe", "machines/"+place+".cpio")
			for _, arch := range Architectures {
				if t.Has(arch + "/stub.efi") {
					names = append(names, "machines/"+place+"."+arch+".efi")
				}
			}
		}
	}
	return names, nil
}

// write writes one of them.
func (t *Tree) write(name, to string) error {
	f, err := t.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) { // whoever reads the former one goes on
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.NewSectionReader(f, 0, f.Size))
	return errors.Join(err, out.Close())
}
