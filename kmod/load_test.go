package kmod

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

const netDeps = `kernel/net/core/failover.ko:
kernel/drivers/net/net_failover.ko: kernel/net/core/failover.ko
kernel/drivers/net/virtio_net.ko.xz: kernel/drivers/net/net_failover.ko kernel/net/core/failover.ko
kernel/drivers/char/virtio-rng.ko:
kernel/fs/ext4.ko.zst: kernel/fs/jbd2.ko
kernel/fs/jbd2.ko:
kernel/lib/crc32c.ko:
`

func TestLoad(t *testing.T) {
	tests := []struct {
		name   string
		files  map[string]string
		ask    string
		params []string
		want   []string // what is inserted, in order
		err    string   // part of the error
	}{
		{name: "dependencies first", ask: "virtio_net",
			want: []string{"failover", "net_failover", "virtio_net"}},
		{name: "dash is underscore", ask: "virtio_rng", want: []string{"virtio_rng"}},
		{name: "underscore is dash", ask: "net-failover", want: []string{"failover", "net_failover"}},
		{name: "parameters are the module's own", ask: "ext4", params: []string{"a=1", "b=x y"},
			want: []string{"jbd2", `ext4 a=1 b="x y"`}},
		{name: "alias", ask: "fs-ext4", files: map[string]string{"modules.alias": "alias fs-ext4 ext4\n"},
			want: []string{"jbd2", "ext4"}},
		{name: "symbol", ask: "symbol:jbd2_start", files: map[string]string{"modules.symbols": "alias symbol:jbd2_start jbd2\n"},
			want: []string{"jbd2"}},
		{name: "built in", ask: "loop", files: map[string]string{"modules.builtin": "kernel/drivers/block/loop.ko\n"}},
		{name: "built in, by alias", ask: "block-major-7-3",
			files: map[string]string{"modules.builtin.modinfo": "loop.license=GPL\x00loop.alias=block-major-7-*\x00"}},
		{name: "unknown", ask: "nonesuch", err: "nonesuch: module not found in "},
		{name: "soft dependency before", ask: "ext4",
			files: map[string]string{"modules.softdep": "softdep ext4 pre: crc32c missing\n"},
			want:  []string{"crc32c", "jbd2", "ext4"}},
		{name: "soft dependency after", ask: "ext4",
			files: map[string]string{"modules.softdep": "softdep ext4 post: crc32c missing\n"},
			want:  []string{"jbd2", "ext4", "crc32c"}},
		{name: "soft dependency is an alias", ask: "ext4", files: map[string]string{
			"modules.softdep": "softdep ext4 pre: crypto-crc32c\n", "modules.alias": "alias crypto-crc32c crc32c\n"},
			want: []string{"crc32c", "jbd2", "ext4"}},
		{name: "soft dependencies in a circle", ask: "ext4",
			files: map[string]string{"modules.softdep": "softdep ext4 pre: crc32c post: crc32c\nsoftdep crc32c pre: ext4 post: ext4\n"},
			want:  []string{"crc32c", "jbd2", "ext4"}},
		{name: "hard dependencies in a circle", ask: "a",
			files: map[string]string{"modules.dep": "a.ko: b.ko\nb.ko: c.ko\nc.ko: a.ko\n"},
			err:   "modules need each other: a → b → c → a"},
		{name: "depends on itself", ask: "a", files: map[string]string{"modules.dep": "a.ko: a.ko\n"},
			err: "modules need each other: a → a"},
		{name: "dependency is missing", ask: "a", files: map[string]string{"modules.dep": "a.ko: gone.ko\n"},
			err: "load a: gone is not in "},
		{name: "options", ask: "ext4", params: []string{"c=3"}, files: map[string]string{
			"etc/modprobe.d/a.conf": "options ext4 a=1 \\\n  b=2\noptions jbd2 j=1\r\n# options ext4 x=1\n"},
			want: []string{"jbd2 j=1", "ext4 a=1   b=2 c=3"}},
		{name: "options from the kernel command line come after", ask: "virtio_net", files: map[string]string{
			"etc/modprobe.d/a.conf": "options virtio-net napi_tx=1\n", "proc/cmdline": "quiet virtio_net.napi_tx=0\n"},
			want: []string{"failover", "net_failover", "virtio_net napi_tx=1 napi_tx=0"}},
		{name: "a file hides its namesake", ask: "jbd2", files: map[string]string{
			"etc/modprobe.d/a.conf": "options jbd2 a=1\n", "lib/modprobe.d/a.conf": "options jbd2 a=2\n",
			"lib/modprobe.d/b.conf": "options jbd2 b=2\n", "lib/modprobe.d/readme": "options jbd2 c=3\n"},
			want: []string{"jbd2 a=1 b=2"}},
		{name: "blacklisted by name still loads", ask: "jbd2",
			files: map[string]string{"etc/modprobe.d/a.conf": "blacklist jbd2\n"}, want: []string{"jbd2"}},
		{name: "blacklisted by alias does not", ask: "journal", files: map[string]string{
			"modules.alias": "alias journal jbd2\n", "proc/cmdline": "modprobe.blacklist=jbd2"}},
		{name: "configured alias", ask: "eth0",
			files: map[string]string{"etc/modprobe.d/a.conf": "alias eth* virtio-rng\n"}, want: []string{"virtio_rng"}},
		{name: "never", ask: "ext4", files: map[string]string{"etc/modprobe.d/a.conf": "install jbd2 /bin/false\n"},
			err: "jbd2 is disabled by module_blacklist= or an install line in modprobe.d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"modules.dep": netDeps}
			for name, text := range tt.files {
				files[name] = text
			}
			m := newMachine(t, files)
			err := m.load(context.Background(), tt.ask, tt.params...)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if got := m.inserted; !equalOrder(got, tt.want) {
				t.Errorf("inserted %q, want %q", got, tt.want)
			}
			if err := m.load(context.Background(), tt.ask); tt.err == "" && err != nil || len(m.inserted) != len(tt.want) {
				t.Errorf("loaded again: error %v, inserted %q", err, m.inserted)
			}
		})
	}
}

// equalOrder compares insertions; the soft dependencies that come first in want
// may load beside the hard ones.
func equalOrder(got, want []string) bool {
	if slices.Equal(got, want) {
		return true
	}
	return len(want) == 3 && len(got) == 3 && got[0] == want[1] && got[1] == want[0] && got[2] == want[2] &&
		want[0] == "crc32c"
}

func TestLoadFailures(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": netDeps})
	m.onInsert = func(module string) error {
		if module == "failover" {
			return &insertError{syscall.ENOEXEC}
		}
		return nil
	}
	err := m.load(context.Background(), "virtio_net")
	if !errors.Is(err, syscall.ENOEXEC) || !strings.Contains(err.Error(), "load virtio_net: it needs net_failover") {
		t.Errorf("error %v, want the module, what it needs, and ENOEXEC", err)
	}
	if len(m.inserted) != 0 {
		t.Errorf("inserted %q after a dependency failed", m.inserted)
	}
	m.onInsert = func(string) error { return nil }
	if err := m.load(context.Background(), "virtio_net"); err != nil {
		t.Errorf("a failure is remembered: %v", err)
	}
}

// A file that modules.dep names may be gone; the real insertion says which.
func TestLoadMissingFile(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": netDeps})
	m.tree.insert = insertFile
	err := m.load(context.Background(), "jbd2")
	if !errors.Is(err, syscall.ENOENT) || !strings.Contains(err.Error(), "lib/modules/1.0/kernel/fs/jbd2.ko") {
		t.Errorf("error %v, want the missing file", err)
	}
}

func TestLoadCancelled(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": netDeps})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := m.load(ctx, "virtio_net"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
	if len(m.inserted) != 0 {
		t.Errorf("inserted %q after it was cancelled", m.inserted)
	}
}

func TestLoadConcurrently(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": netDeps})
	var running, most atomic.Int32
	gate := make(chan struct{})
	m.onInsert = func(string) error {
		n := running.Add(1)
		defer running.Add(-1)
		for {
			old := most.Load()
			if n <= old || most.CompareAndSwap(old, n) {
				break
			}
		}
		<-gate
		return nil
	}
	var wait sync.WaitGroup
	for range 20 {
		for _, name := range []string{"virtio_net", "ext4", "virtio_rng", "net_failover"} {
			wait.Go(func() {
				if err := m.load(context.Background(), name); err != nil {
					t.Error(err)
				}
			})
		}
	}
	done := make(chan struct{})
	go func() { wait.Wait(); close(done) }()
	for open := true; open; {
		select {
		case gate <- struct{}{}:
		case <-done:
			open = false
		}
	}
	slices.Sort(m.inserted)
	if want := []string{"ext4", "failover", "jbd2", "net_failover", "virtio_net", "virtio_rng"}; !slices.Equal(m.inserted, want) {
		t.Errorf("inserted %q, want each once: %q", m.inserted, want)
	}
	if n := int(most.Load()); n > cap(m.tree.slots) {
		t.Errorf("%d insertions at a time, want at most %d", n, cap(m.tree.slots))
	}
}

// One caller that gives up must not take another with it.
func TestLoadOtherCancelled(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": netDeps})
	ctx, cancel := context.WithCancel(context.Background())
	for range cap(m.tree.slots) { // nothing can be inserted yet
		m.tree.slots <- struct{}{}
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := m.load(ctx, "jbd2"); !errors.Is(err, context.Canceled) {
			t.Errorf("first caller: error %v, want that it was cancelled", err)
		}
	})
	for claimed := false; !claimed; {
		m.tree.mu.Lock()
		claimed = m.tree.loading["jbd2"] != nil
		m.tree.mu.Unlock()
	}
	wait.Go(func() {
		if err := m.load(context.Background(), "jbd2"); err != nil {
			t.Errorf("second caller: %v", err)
		}
	})
	cancel()
	for range cap(m.tree.slots) {
		<-m.tree.slots
	}
	wait.Wait()
	if want := []string{"jbd2"}; !slices.Equal(m.inserted, want) {
		t.Errorf("inserted %q, want %q", m.inserted, want)
	}
}

func TestUnload(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": netDeps, "modules.builtin": "kernel/loop.ko\n"})
	ctx := context.Background()
	if _, err := m.tree.unload(ctx, "virtio_net", false); err != nil {
		t.Errorf("a module that isn't loaded: %v", err)
	}
	m.hold("virtio_net", "0")
	m.hold("net_failover", "0")
	m.hold("failover", "2")
	removed, err := m.tree.unload(ctx, "virtio-net", false)
	if want := []string{"virtio_net", "net_failover"}; err != nil || !slices.Equal(removed, want) {
		t.Errorf("removed %q, error %v; want %q", removed, err, want)
	}
	if !m.tree.loaded("failover") {
		t.Error("a module that something else uses was removed")
	}
	if _, err := m.tree.unload(ctx, "loop", false); err == nil {
		t.Error("a module that is built in was removed")
	}
	if _, err := m.tree.unload(ctx, "nonesuch", false); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
}
