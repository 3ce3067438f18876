package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// What nobody has locked goes, and what is spared stays.
func TestSweep(t *testing.T) {
	parent := t.TempDir()
	w, err := Claim(t.Context(), filepath.Join(parent, "claimed"))
	if err != nil {
		t.Fatal(err)
	}
	made, err := Make(t.Context(), filepath.Join(parent, "made"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), filepath.Join(parent, "made")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made twice: %v", err)
	}
	for _, name := range []string{"left/deep/er", "spared/x"} {
		if err := os.MkdirAll(filepath.Join(parent, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(parent, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", filepath.Join(parent, "link")); err != nil {
		t.Fatal(err)
	}
	spare := func(dir string) bool { return filepath.Base(dir) == "spared" }
	Sweep(parent, spare)
	if got, want := names(t, parent), []string{"claimed", "made", "spared"}; !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	made.Close()
	if err := w.Release(); err != nil {
		t.Error(err)
	}
	Sweep(parent, spare)
	if got, want := names(t, parent), []string{"spared"}; !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
}

// Whatever is in the place comes to where the new one was made.
func TestPlace(t *testing.T) {
	for what, occupy := range map[string]func(path string) error{
		"nothing": func(string) error { return nil },
		"a file":  func(path string) error { return os.WriteFile(path, []byte("old"), 0o644) },
		"a full folder": func(path string) error {
			return errors.Join(os.Mkdir(path, 0o755), os.WriteFile(path+"/old", nil, 0o644))
		},
		"a link": func(path string) error { return os.Symlink("/nowhere", path) },
	} {
		for _, kind := range []string{"file", "folder"} {
			made, final := filepath.Join(t.TempDir(), "made"), filepath.Join(t.TempDir(), "final")
			if err := occupy(final); err != nil {
				t.Fatal(err)
			}
			content := made
			if kind == "folder" {
				if err := os.Mkdir(made, 0o755); err != nil {
					t.Fatal(err)
				}
				content = filepath.Join(made, "new")
			}
			if err := os.WriteFile(content, []byte("new"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := Place(made, final); err != nil {
				t.Errorf("a %s on %s: %v", kind, what, err)
				continue
			}
			if kind == "folder" {
				final = filepath.Join(final, "new")
			}
			if got, err := os.ReadFile(final); string(got) != "new" {
				t.Errorf("a %s on %s: %q, %v", kind, what, got, err)
			}
		}
	}
}

// A folder that is removed while its lock is awaited is not held.
func TestHoldOfWhatIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x")
	for _, hold := range []func() (*os.File, error){
		func() (*os.File, error) { return Hold(t.Context(), dir) },
		func() (*os.File, error) { return HoldAlone(dir) },
	} {
		if f, err := hold(); f != nil || err != nil {
			t.Errorf("nothing there: %v, %v", f, err)
		}
	}
	w, err := Claim(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := HoldAlone(dir); f != nil || err != nil {
		t.Errorf("another's: %v, %v", f, err)
	}
	done := make(chan *os.File)
	go func() {
		f, err := Hold(t.Context(), dir)
		if err != nil {
			t.Error(err)
		}
		done <- f
	}()
	if err := w.Release(); err != nil {
		t.Error(err)
	}
	if f := <-done; f != nil {
		t.Errorf("it holds %s", f.Name())
	}
}
