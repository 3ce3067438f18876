package kmod

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// machine is a made-up machine below a temporary folder: a Tree of modules, a
// /sys, and a kernel that takes note of what is inserted.
type machine struct {
	t    *testing.T
	root string
	tree *Tree

	onInsert func(module string) error // may fail, or make devices appear

	mu       sync.Mutex
	inserted []string // "NAME PARAMS", in order of completion
}

// newMachine makes a machine whose module indexes are files, by name.
func newMachine(t *testing.T, files map[string]string) *machine {
	t.Helper()
	m := &machine{t: t, root: t.TempDir(), onInsert: func(string) error { return nil }}
	dir := filepath.Join(m.root, "lib/modules/1.0")
	for name, text := range files {
		if !strings.Contains(name, "/") {
			name = "lib/modules/1.0/" + name
		}
		write(t, filepath.Join(m.root, name), text)
	}
	tree, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree.root = m.root
	tree.insert = m.insert
	tree.remove = m.remove
	m.tree = tree
	return m
}

func (m *machine) insert(path, params string) error {
	module := FileModule(path)
	if err := m.onInsert(module); err != nil {
		return fmt.Errorf("insert %s: %w", path, err)
	}
	write(m.t, filepath.Join(m.root, "sys/module", module, "initstate"), "live\n")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inserted = append(m.inserted, strings.TrimSpace(module+" "+params))
	return nil
}

func (m *machine) remove(module string) error {
	return os.RemoveAll(filepath.Join(m.root, "sys/module", module))
}

// device adds a device of a bus, with its modalias.
func (m *machine) device(bus, name, modalias string) {
	write(m.t, filepath.Join(m.root, "sys/bus", bus, "devices", name, "modalias"), modalias+"\n")
}

// hold sets how many users a loaded module has.
func (m *machine) hold(module, users string) {
	write(m.t, filepath.Join(m.root, "sys/module", module, "initstate"), "live\n")
	write(m.t, filepath.Join(m.root, "sys/module", module, "refcnt"), users+"\n")
}
