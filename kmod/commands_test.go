package kmod

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"bootrc/kit/command"
)

// call runs one command and returns what a person sees.
func call(r *Running, name string, args ...string) (stdout, stderr string, status command.Status) {
	var out, errs bytes.Buffer
	all := r.Commands()
	c := all[slices.IndexFunc(all, func(c command.Command) bool { return c.Name == name })]
	status = c.Execute(context.Background(), &command.Call{Name: name, Args: args, Dir: "/", Stdout: &out, Stderr: &errs})
	return out.String(), errs.String(), status
}

// share returns the commands' state with a made-up machine's Tree.
func share(t *testing.T, m *machine) *Running {
	t.Helper()
	info, err := os.Stat(filepath.Join(m.tree.dir, indexFile))
	if err != nil {
		t.Fatal(err)
	}
	return &Running{find: func() (string, error) { return m.tree.dir, nil }, tree: m.tree, time: info.ModTime(), life: t.Context()}
}

func TestModprobe(t *testing.T) {
	tests := []struct {
		args           string
		stdout, stderr string // parts of it; "" is none at all
		status         command.Status
		inserted       []string
	}{
		{args: "jbd2", inserted: []string{"jbd2"}},
		{args: "-q -- jbd2", inserted: []string{"jbd2"}},
		{args: "ext4 a=1 b", inserted: []string{"jbd2", "ext4 a=1 b"}},
		{args: "-a jbd2 virtio-rng", inserted: []string{"jbd2", "virtio_rng"}},
		{args: "-v jbd2 a=1", stdout: "/kernel/fs/jbd2.ko a=1\n", inserted: []string{"jbd2 a=1"}},
		{args: "-nv ext4", stdout: "/kernel/fs/jbd2.ko\ninsmod "},
		{args: "--dry-run --verbose ext4", stdout: "/kernel/fs/jbd2.ko\ninsmod "},
		{args: "-n ext4"},
		{args: "nonesuch", stderr: "modprobe: nonesuch: module not found in ", status: 1},
		{args: "-q nonesuch", status: 1},
		{args: "-qa nonesuch jbd2", status: 1, inserted: []string{"jbd2"}},
		{args: "-a nonesuch jbd2 neither", stderr: "\n  neither: module not found", status: 1, inserted: []string{"jbd2"}},
		{args: "-q broken", stderr: "modprobe: load broken: gone is not in ", status: 1},
		{args: "", stderr: "modprobe: expected 1 operand or more, got 0\nusage: modprobe ", status: 1},
		{args: "-q", stderr: "modprobe: expected 1 operand or more, got 0\nusage: modprobe ", status: 1},
		{args: "-x jbd2", stderr: "modprobe: unknown option -x\n", status: 1},
		{args: "-- -x", stderr: "modprobe: -x: module not found", status: 1},
		{args: "-r jbd2"},
		{args: "-rv virtio-rng", stdout: "rmmod virtio_rng\n"},
		{args: "-rnv virtio-rng", stdout: "rmmod virtio_rng\n"},
		{args: "-r nonesuch", stderr: "modprobe: nonesuch: module not found", status: 1},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			m := newMachine(t, map[string]string{"modules.dep": netDeps + "broken.ko: gone.ko\n"})
			if strings.HasPrefix(tt.args, "-r") {
				m.hold("virtio_rng", "0")
			}
			stdout, stderr, status := call(share(t, m), "modprobe", strings.Fields(tt.args)...)
			if !shows(stdout, tt.stdout) || !shows(stderr, tt.stderr) || status != tt.status {
				t.Errorf("status %d, want %d\nstdout %q, want %q\nstderr %q, want %q", status, tt.status, stdout, tt.stdout, stderr, tt.stderr)
			}
			if !slices.Equal(m.inserted, tt.inserted) {
				t.Errorf("inserted %q, want %q", m.inserted, tt.inserted)
			}
		})
	}
}

// On a machine with little memory an archive is cut, and files of modules that its index has are not there.
func TestModprobeCutOff(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": netDeps})
	for _, err := range []error{fs.ErrNotExist, syscall.ENOENT} {
		m.onInsert = func(string) error { return &fs.PathError{Op: "open", Path: "jbd2.ko", Err: err} }
		if _, errs, status := call(share(t, m), "modprobe", "jbd2"); errs == "" || status != 1 {
			t.Errorf("%q, status %d; want an error", errs, status)
		}
		if out, errs, status := call(share(t, m), "modprobe", "-q", "jbd2"); out+errs != "" || status != 1 {
			t.Errorf("-q: %q %q, status %d; want silent failure", out, errs, status)
		}
	}
	m.onInsert = func(string) error { return &insertError{syscall.ENOENT} } // a symbol, not the file
	if _, errs, status := call(share(t, m), "modprobe", "-q", "jbd2"); !strings.Contains(errs, "unknown symbol") || status != 1 {
		t.Errorf("-q: %q, status %d; want the error", errs, status)
	}
}

func shows(text, want string) bool {
	if want == "" {
		return text == ""
	}
	return strings.Contains(text, want)
}

func TestCommandsWithoutModules(t *testing.T) {
	none := &Running{find: func() (string, error) { return "", fs.ErrNotExist }}
	if out, errs, status := call(none, "coldplug"); out+errs != "" || status != 0 {
		t.Errorf("coldplug: %q %q, status %d; want silent success", out, errs, status)
	}
	if _, errs, status := call(none, "modprobe", "ext4"); errs == "" || status != 1 {
		t.Errorf("modprobe: %q, status %d; want an error", errs, status)
	}
	if out, errs, status := call(none, "modprobe", "-q", "ext4"); out+errs != "" || status != 1 {
		t.Errorf("modprobe -q: %q %q, status %d; want silent failure", out, errs, status)
	}
	wrong := &Running{find: func() (string, error) { return "", &WrongKernelError{"6.1", []string{"/lib/modules/5.10"}} }}
	if _, errs, status := call(wrong, "coldplug"); !strings.Contains(errs, "6.1: there are only /lib/modules/5.10") || status != 1 {
		t.Errorf("coldplug: %q, status %d; want an error with the folder", errs, status)
	}
}

func TestColdplugCommand(t *testing.T) {
	m := newMachine(t, map[string]string{"modules.dep": plugDeps, "modules.alias": plugAliases})
	m.device("virtio", "virtio1", "virtio:d00000002v00001AF4")
	m.device("usb", "1-1", "usb:v0BDAp8153d3100dc00dsc00dp00icFFiscFFip00in00")
	if out, errs, status := call(share(t, m), "coldplug", "-v"); out != "loaded: virtio_blk\nusb 1-1 (0bda:8153): no driver\nvirtio virtio1 (0002:1af4): no driver\n" || errs != "" || status != 0 {
		t.Errorf("%q %q, status %d", out, errs, status)
	}
	if _, errs, status := call(share(t, m), "coldplug", "everything"); !strings.Contains(errs, "usage:") || status != 2 {
		t.Errorf("%q, status %d; want how to use it", errs, status)
	}
}

// A hook may bring more modules while the boot goes on.
func TestCommandsSeeNewIndex(t *testing.T) {
	dir := t.TempDir()
	index := filepath.Join(dir, indexFile)
	write(t, index, "")
	r := &Running{find: func() (string, error) { return dir, nil }}
	first, err := r.open()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.open(); again != first || err != nil {
		t.Errorf("opened again: error %v", err)
	}
	info, err := os.Stat(index)
	if err != nil {
		t.Fatal(err)
	}
	later := info.ModTime().Add(1)
	if err := os.Chtimes(index, later, later); err != nil {
		t.Fatal(err)
	}
	if again, err := r.open(); again == first || err != nil {
		t.Errorf("a new index was not seen, error %v", err)
	}
}

func TestInsmodAndRmmodErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bad.ko.xz")
	write(t, file, "garbage")
	tests := []struct {
		name   string
		args   []string
		stderr string
		status command.Status
	}{
		{"insmod", nil, "expected 1 operand or more, got 0\nusage:", 2},
		{"insmod", []string{"/nonesuch/x.ko"}, "open /nonesuch/x.ko: no such file", 1},
		{"insmod", []string{file}, "insert " + file + ": ", 1},
		{"rmmod", nil, "expected 1 operand or more, got 0\nusage:", 2},
		{"rmmod", []string{"no-such-module"}, "remove no_such_module: ", 1},
		{"lsmod", []string{"x"}, "expected no operand, got 1\nusage:", 2},
	}
	for _, tt := range tests {
		_, errs, status := call(&Running{find: Find}, tt.name, tt.args...)
		if !strings.Contains(errs, tt.stderr) || status != tt.status {
			t.Errorf("%q: %q, status %d; want %q, status %d", tt.args, errs, status, tt.stderr, tt.status)
		}
	}
}

func TestList(t *testing.T) {
	root := t.TempDir()
	if _, err := list(root); err == nil {
		t.Error("no error without /proc/modules")
	}
	write(t, filepath.Join(root, "proc/modules"), "net_failover 24576 1 virtio_net, Live 0x0\nvirtio_net 90112 0 - Live 0x0\nshort\n\n")
	got, err := list(root)
	if err != nil || len(got) != 2 || got[0].Bytes != 24576 || got[0].Uses != 1 ||
		!slices.Equal(got[0].By, []string{"virtio_net"}) || got[1].Name != "virtio_net" || got[1].By != nil {
		t.Errorf("%+v, error %v", got, err)
	}
}
