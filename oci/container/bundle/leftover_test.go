package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What a power cut has left goes when the next container is made; what belongs
// to a running container, or is still mounted, stays.
func TestLeftovers(t *testing.T) {
	state, layer := t.TempDir(), t.TempDir()
	bundleOf := func(id string) *Bundle {
		b, err := New(state, id, []string{layer})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Remove() })
		return b
	}
	running, killed := bundleOf("running"), bundleOf("killed")
	killed.lock.Close()
	for _, name := range []string{"left/upper/etc", "left/work/work", "left/root", "half"} {
		if err := os.MkdirAll(filepath.Join(state, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	bundleOf("next")
	if b, err := New(state, "running", []string{layer}); b != nil || !errors.Is(err, os.ErrExist) {
		t.Errorf("a second one of a name: %v, %v", b, err)
	}
	if got, want := names(t, state), []string{"killed", "next", "running"}; !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	if err := running.Remove(); err != nil {
		t.Error(err)
	}
	if got, want := names(t, state), []string{"killed", "next"}; !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
}

func names(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
