package kmod

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"bootrc/kit/device"
	"bootrc/kmod/index"
)

// machine is a made-up machine below a temporary folder: a Tree of modules, a
// /sys, and a kernel that takes note of what is inserted.
type machine struct {
	t    *testing.T
	root string
	tree *Tree

	onInsert func(module string) error // may fail, or make devices appear
	events   chan device.Event         // of devices that appear, once there is one who follows

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
	writeIndexes(t, dir)
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

func (m *machine) load(ctx context.Context, name string, params ...string) error {
	_, err := m.tree.load(ctx, name, params)
	return err
}

// device adds a device of a bus, with its modalias.
func (m *machine) device(bus, name, modalias string) {
	if m.events != nil {
		event, _ := device.ParseEvent([]byte("add@/devices/" + name + "\x00SUBSYSTEM=" + bus + "\x00MODALIAS=" + modalias + "\x00"))
		defer func() { m.events <- event }()
	}
	write(m.t, filepath.Join(m.root, "sys/bus", bus, "devices", name, "modalias"), modalias+"\n")
}

// hold sets how many users a loaded module has.
func (m *machine) hold(module, users string) {
	write(m.t, filepath.Join(m.root, "sys/module", module, "initstate"), "live\n")
	write(m.t, filepath.Join(m.root, "sys/module", module, "refcnt"), users+"\n")
}

// follow begins to give the machine's devices their drivers, until the test ends, and
// returns what is told as failed.
func (m *machine) follow(ctx context.Context) (p *Plugger, failures func() error) {
	var mu sync.Mutex
	var failed []error
	p = m.tree.NewPlugger(func(err error) {
		mu.Lock()
		defer mu.Unlock()
		failed = append(failed, err)
	})
	events := make(chan device.Event)
	p.listen = func(context.Context) (<-chan device.Event, error) { m.events = events; return events, nil }
	if err := p.Follow(ctx); err != nil {
		m.t.Fatal(err)
	}
	return p, func() error {
		mu.Lock()
		defer mu.Unlock()
		return errors.Join(failed...)
	}
}

// settle waits until all events are taken, and all that they asked for is loaded, and
// returns what was inserted, sorted.
func (m *machine) settle(p *Plugger) []string {
	m.t.Helper()
	for busy := true; busy; {
		if err := p.Wait(m.t.Context()); err != nil {
			m.t.Fatal(err)
		}
		m.events <- device.Event{} // once it is taken, all before it have been
		p.mu.Lock()
		busy = p.busy()
		p.mu.Unlock()
	}
	return slices.Sorted(slices.Values(m.inserted))
}

// writeIndexes writes the binary form of the indexes in dir, as depmod does.
func writeIndexes(t *testing.T, dir string) {
	t.Helper()
	entries := func(name, separator string, entry func(line string) (pattern, value string)) {
		text, _ := os.ReadFile(filepath.Join(dir, name))
		var all []index.Entry
		for line := range strings.SplitSeq(string(text), separator) {
			if pattern, value := entry(line); pattern != "" {
				all = append(all, index.Entry{Pattern: pattern, Value: value, Priority: len(all)})
			}
		}
		data, err := index.Write(all)
		if err != nil {
			t.Fatal(err)
		}
		name = strings.Replace(name, "builtin.modinfo", "builtin.alias", 1)
		write(t, filepath.Join(dir, name+".bin"), string(data))
	}
	alias := func(line string) (pattern, module string) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[0] != "alias" {
			return "", ""
		}
		return CanonicalAlias(fields[1]), fields[2]
	}
	entries("modules.dep", "\n", func(line string) (module, value string) {
		file, _, _ := strings.Cut(line, ":")
		return FileModule(file), line
	})
	entries("modules.alias", "\n", alias)
	entries("modules.symbols", "\n", alias)
	entries("modules.builtin", "\n", func(line string) (module, value string) { return FileModule(line), "" })
	entries("modules.builtin.modinfo", "\x00", func(field string) (pattern, value string) {
		_, pattern, _ = strings.Cut(field, ".alias=")
		return CanonicalAlias(pattern), ""
	})
}
