package durable

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The old file is there until the new one is whole, and nothing is beside it in the end.
func TestFile(t *testing.T) {
	for name, before := range map[string]func(path string) error{
		"nothing": func(string) error { return nil },
		"a file":  func(path string) error { return os.WriteFile(path, []byte("old"), 0o600) },
		"a link":  func(path string) error { return os.Symlink("/nowhere", path) },
		"what was left": func(path string) error {
			return os.WriteFile(beside(path), []byte("much more than what is new"), 0o444)
		},
		"a long name": func(string) error { return nil },
	} {
		path := filepath.Join(t.TempDir(), "file")
		if name == "a long name" {
			path = filepath.Join(t.TempDir(), strings.Repeat("x", 255))
		}
		if err := before(path); err != nil {
			t.Fatal(err)
		}
		old, _ := os.ReadFile(path)
		for _, place := range []bool{false, true} {
			f, err := Create(t.Context(), path, 0o640)
			if err != nil {
				t.Errorf("on %s: %v", name, err)
				break
			}
			if _, err := f.WriteString("new"); err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(path); string(got) != string(old) {
				t.Errorf("on %s: it is %q too early", name, got)
			}
			if place {
				if err := f.Place(); err != nil {
					t.Errorf("on %s: %v", name, err)
				}
			}
			f.Discard()
		}
		got, err := os.ReadFile(path)
		info, _ := os.Lstat(path)
		if string(got) != "new" || err != nil || info.Mode() != 0o640 {
			t.Errorf("on %s: %q, %v, %v", name, got, err, info.Mode())
		}
		if there := names(t, filepath.Dir(path)); !slices.Equal(there, []string{filepath.Base(path)}) {
			t.Errorf("on %s: there are %q", name, there)
		}
	}
}

// Who makes a file has it alone: each that adds to it finds what those before have added.
func TestFileOfMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	const many = 20
	done := make(chan error)
	for range many {
		go func() {
			done <- func() error {
				f, err := Create(t.Context(), path, 0o600)
				if err != nil {
					return err
				}
				defer f.Discard()
				old, err := os.ReadFile(path)
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
				if _, err := f.Write(append(old, 'x')); err != nil {
					return err
				}
				return f.Place()
			}()
		}()
	}
	for range many {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got, _ := os.ReadFile(path); string(got) != strings.Repeat("x", many) {
		t.Errorf("it is %q", got)
	}
}

func TestFileThatCannotBe(t *testing.T) {
	full := t.TempDir()
	if err := unix.Mount("none", full, "tmpfs", 0, "size=64K"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(full, 0) })
	if err := WriteFile(full+"/file", make([]byte, 1<<20), 0o600); !errors.Is(err, unix.ENOSPC) || len(names(t, full)) > 0 {
		t.Errorf("on a full disk: %v, there are %q", err, names(t, full))
	}
	if err := WriteFile(full+"/none/file", nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without its folder: %v", err)
	}
	if err := os.Symlink("/etc/passwd", beside(full+"/linked")); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(full+"/linked", nil, 0o600); !errors.Is(err, unix.ELOOP) {
		t.Errorf("through a link: %v", err)
	}
	if err := os.Mkdir(full+"/folder", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(full+"/folder", nil, 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("in place of a folder: %v", err)
	}
	held, err := Create(t.Context(), full+"/held", 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Discard()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Create(ctx, full+"/held", 0o600); !errors.Is(err, context.Canceled) {
		t.Errorf("while another makes it: %v", err)
	}
}

func TestPlaceNew(t *testing.T) {
	made, final := filepath.Join(t.TempDir(), "made"), filepath.Join(t.TempDir(), "final")
	for _, want := range []error{nil, fs.ErrExist} {
		if err := os.Mkdir(made, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := PlaceNew(made, final); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}
