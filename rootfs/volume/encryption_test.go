package volume

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/rootfs/disk/fscrypt"
)

// What a key does to a volume, by what the volume was before.
func TestKeys(t *testing.T) {
	none := fscrypt.Key(nil)
	for _, tt := range []struct {
		name     string
		had, has fscrypt.Key
		file     bool // there is a file in it
		reset    bool
		err      error
		wiped    bool
	}{
		{name: "the same key", had: key(1), has: key(1), file: true},
		{name: "the same key, and reset", had: key(1), has: key(1), file: true, reset: true},
		{name: "another key", had: key(1), has: key(2), file: true, err: ErrWrongKey},
		{name: "another key, and reset", had: key(1), has: key(2), file: true, reset: true, wiped: true},
		{name: "no key", had: key(1), has: none, file: true, err: ErrNoKey},
		{name: "no key, and reset", had: key(1), has: none, file: true, reset: true, err: ErrNoKey},
		{name: "a key for a plain volume", had: none, has: key(1), file: true, err: ErrNotEncrypted},
		{name: "a key for a plain volume, and reset", had: none, has: key(1), file: true, reset: true, wiped: true},
		{name: "a key for a plain, empty volume", had: none, has: key(1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, filepath.Join(disk(t), "volumes"))
			if err := s.Create("v", Options{Key: tt.had}); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(s.data("v"), "file")
			if tt.file {
				write(t, file, "content")
			}
			if err := s.Unmount("v"); err != nil {
				t.Fatal(err)
			}

			wiped, err := s.Prepare("v", Options{Key: tt.has, ResetKey: tt.reset})
			if !errors.Is(err, tt.err) || wiped != tt.wiped {
				t.Fatalf("wiped: %v, %v; want %v, %v", wiped, err, tt.wiped, tt.err)
			}
			if tt.err == nil {
				got, _ := os.ReadFile(file)
				if (string(got) == "content") != (tt.file && !tt.wiped) {
					t.Errorf("the file reads %q", got)
				}
				if v, err := s.Inspect("v"); err != nil || v.Key == "" {
					t.Errorf("it is not encrypted: %v", err)
				}
				write(t, file, "new")
				return
			}
			// what was refused has changed nothing
			if err := errorOf(s.Prepare("v", Options{Key: tt.had})); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(file); string(got) != "content" {
				t.Errorf("the file reads %q, %v", got, err)
			}
		})
	}
}

func TestWrongKeyLeavesNoKey(t *testing.T) {
	s := open(t, filepath.Join(disk(t), "volumes"))
	for name, k := range map[string]fscrypt.Key{"a": key(1), "b": key(2)} {
		if err := s.Create(name, Options{Key: k}); err != nil {
			t.Fatal(err)
		}
		if err := s.Unmount(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a", "b"} {
		if _, err := s.Use(name); !errors.Is(err, ErrNoKey) {
			t.Errorf("%s can be used without its key: %v", name, err)
		}
	}
	// the key of b is no help with a, but b keeps it
	if _, err := s.Prepare("b", Options{Key: key(2)}); err != nil {
		t.Fatal(err)
	}
	for _, k := range []fscrypt.Key{key(2), key(3)} {
		if _, err := s.Prepare("a", Options{Key: k}); !errors.Is(err, ErrWrongKey) {
			t.Errorf("a takes another key: %v", err)
		}
	}
	if _, err := s.Use("b"); err != nil {
		t.Errorf("b has lost its key: %v", err)
	}
	id, err := fscrypt.AddKey(s.root, key(3))
	if err != nil {
		t.Fatal(err)
	}
	if err := fscrypt.RemoveKey(s.root, id); err != nil {
		t.Fatal(err)
	}
}

func TestRemoveLockedVolume(t *testing.T) {
	s := open(t, filepath.Join(disk(t), "volumes"))
	if err := s.Create("v", Options{Key: key(1)}); err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(s.data("v"), "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(deep, strings.Repeat("long", 60)), "content")
	if err := s.Unmount("v"); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove("v"); err != nil {
		t.Errorf("without its key it cannot be removed: %v", err)
	}
}

func TestNoEncryptionInMemory(t *testing.T) {
	s := open(t, t.TempDir())
	execute(t, "mount", "-t", "tmpfs", "none", s.root)
	t.Cleanup(func() { execute(t, "umount", s.root) })
	s = open(t, s.root)
	err := s.Create("v", Options{Key: key(1)})
	if err == nil || !strings.Contains(err.Error(), "create volume v: ") || !strings.Contains(err.Error(), "b2c.cache_device") {
		t.Errorf("error: %v", err)
	}
	if names, _ := s.names(); len(names) > 0 {
		t.Errorf("there is a volume: %v", names)
	}
}
