package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestParseSpace(t *testing.T) {
	const size = 50 << 30
	for text, want := range map[string]int64{
		"0": 0, "1000": 1000, "1K": 1024, "500m": 500 << 20, "2G": 2 << 30, "1T": 1 << 40, "2GiB": 2 << 30, "1.5G": 3 << 29,
		"0%": 0, "20%": 10 << 30, "100%": size,
	} {
		space, err := ParseSpace(text)
		if got := space.Of(size); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "G", "%", "-1", "-5%", "101%", "9000000T", "lots", "1 G"} {
		if space, err := ParseSpace(text); err == nil {
			t.Errorf("%q: got %+v", text, space)
		}
	}
}

// smallStore opens a store on a file system of so many MiB.
func smallStore(t testing.TB, mib int) *Store {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return open(t, filepath.Join(dir, "oci"))
}

// addLarge adds an image of one layer of so many MiB.
func addLarge(t testing.TB, s *Store, name string, mib int) *Image {
	t.Helper()
	a := begin(t, s)
	l, err := a.Layer(t.Context(), layerNamed(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.Folder, name), make([]byte, mib<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	manifest, config := imageOf(t, name, name)
	image, err := a.Finish(t.Context(), manifest, config, name)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func prune(t testing.TB, s *Store, keep string) (removed string, err error) {
	t.Helper()
	space, err := ParseSpace(keep)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	err = s.Prune(t.Context(), space, func(gone Removed) { names = append(names, gone.Name) })
	return strings.Join(names, " "), err
}

func TestPrune(t *testing.T) {
	s := smallStore(t, 20)
	one, two := addLarge(t, s, "one", 4), addLarge(t, s, "two", 4)
	addLarge(t, s, "three", 4)
	for _, image := range []*Image{two, one} {
		release, err := s.Hold(t.Context(), image)
		if err != nil {
			t.Fatal(err)
		}
		release()
	}
	for _, step := range []struct{ keep, removed, left string }{
		{"1M", "", "[one] [three] [two] one three two"},
		{"10%", "", "[one] [three] [two] one three two"},
		{"9M", "three", "[one] [two] one two"},
		{"80%", "two one", ""},
	} {
		removed, err := prune(t, s, step.keep)
		if got := content(t, s); err != nil || removed != step.removed || got != step.left {
			t.Errorf("keep %s: removed %q, %v, left %q, want %q and %q", step.keep, removed, err, got, step.removed, step.left)
		}
	}
}

func TestPruneLeavesWhatIsInUse(t *testing.T) {
	s := smallStore(t, 20)
	one := addLarge(t, s, "one", 4)
	addLarge(t, s, "two", 4)
	release, err := open(t, s.Root()).Hold(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(t.Context(), "one"); !errors.Is(err, ErrInUse) {
		t.Errorf("remove: got %v", err)
	}
	removed, err := prune(t, s, "100%")
	if removed != "two" || err == nil || !strings.Contains(err.Error(), "no image is left that could go") {
		t.Errorf("removed %q, %v", removed, err)
	}
	if got := content(t, s); got != "[one] one" {
		t.Errorf("left %s", got)
	}
	release()
	if removed, _ := prune(t, s, "100%"); removed != "one" {
		t.Errorf("after its container's end: removed %q", removed)
	}
	if _, err := s.Hold(t.Context(), one); !errors.Is(err, ErrNotFound) {
		t.Errorf("hold of what is gone: %v", err)
	}
}

// The order is right also when the clock is not: it was reset by a power cut.
func TestUseWithoutClock(t *testing.T) {
	s := smallStore(t, 20)
	addLarge(t, s, "one", 4)
	future := time.Now().Add(1000 * time.Hour)
	old := addLarge(t, s, "two", 4)
	for _, path := range []string{s.path("lock"), s.imagePath(old.Digest)} {
		if err := os.Chtimes(path, future, future); err != nil {
			t.Fatal(err)
		}
	}
	one, err := s.Image("one")
	if err != nil {
		t.Fatal(err)
	}
	release, err := s.Hold(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	release()
	if removed, err := prune(t, s, "14M"); removed != "two" || err != nil {
		t.Errorf("removed %q, %v", removed, err)
	}
}

// Layers of an addition that is under way are not removed, nor is what they
// share with images that go.
func TestMakeSpaceDuringAddition(t *testing.T) {
	s := smallStore(t, 20)
	addLarge(t, s, "shared", 4)
	addLarge(t, s, "other", 4)
	a := begin(t, s)
	if addLayer(t, a, "shared") {
		t.Fatal("the layer is not there")
	}
	addLayer(t, a, "fresh")
	var names []string
	made, err := s.MakeSpace(t.Context(), Space{Bytes: 1 << 40}, func(gone Removed) { names = append(names, gone.Name) })
	if !made || err != nil || !slices.Equal(names, []string{"shared", "other"}) {
		t.Errorf("got %v, %v, %v", made, err, names)
	}
	if made, err := s.MakeSpace(t.Context(), Space{Bytes: 1 << 40}, nil); made || err != nil {
		t.Errorf("the second time: %v, %v", made, err)
	}
	manifest, config := imageOf(t, "new", "shared", "fresh")
	if _, err := a.Finish(t.Context(), manifest, config, "new"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s); got != "[new] fresh shared" {
		t.Errorf("left %s", got)
	}
}

// A disk without a single free block is no obstacle to removing.
func TestRemoveFromFullDisk(t *testing.T) {
	s := smallStore(t, 8)
	addLarge(t, s, "one", 4)
	filler, err := os.Create(filepath.Join(s.Root(), "..", "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer filler.Close()
	for err == nil {
		_, err = filler.Write(make([]byte, 4096))
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	if removed, err := prune(t, open(t, s.Root()), "4M"); removed != "one" || err != nil {
		t.Errorf("removed %q, %v", removed, err)
	}
}

// Layers that came with a pull that was cut short go with the next one.
func TestOrphansGo(t *testing.T) {
	dir := t.TempDir()
	a := begin(t, open(t, dir))
	addLayer(t, a, "orphan")
	a.end() // as the end of the process does
	s := open(t, dir)
	if got := content(t, s); got != "orphan" {
		t.Fatalf("got %s", got)
	}
	if add(t, s, "n", "x", "base"); content(t, s) != "[n] base" {
		t.Errorf("got %s", content(t, s))
	}
}

// The index is of use, and its loss or damage of no consequence.
func TestIndex(t *testing.T) {
	damage := map[string]func(path string) error{
		"whole": func(string) error { return nil }, "gone": os.Remove, "random": noiseFor, "folder": folderFor,
		"cut":     func(path string) error { return os.Truncate(path, 100) },
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"changed": func(path string) error { return os.WriteFile(path, []byte("a b c d\n00000000\n"), 0o644) },
	}
	for name, f := range damage {
		s := open(t, t.TempDir())
		add(t, s, "one", "1", "base", "left")
		two := add(t, s, "two", "2", "base", "right")
		if err := f(s.path("index")); err != nil {
			t.Fatal(err)
		}
		if known := len(s.readIndex()); known != map[bool]int{true: 2}[name == "whole"] {
			t.Errorf("%s: the index knows %d images", name, known)
		}
		if image, err := s.Image(two.ID.Hex[:12]); err != nil || image.Digest != two.Digest {
			t.Errorf("%s: by ID: %v, %v", name, image, err)
		}
		if err := s.Remove(t.Context(), "one"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := content(t, s); got != "[two] base right" {
			t.Errorf("%s: left %s", name, got)
		}
		if add(t, s, "three", "3", "right"); len(s.readIndex()) != 2 {
			t.Errorf("%s: the index was not made anew", name)
		}
	}
}

// Whoever pulls, runs and prunes at the same time never sees half an image.
func TestAllAtOnce(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			s := open(t, dir)
			for n := range 15 {
				name := fmt.Sprint((i + n) % 4)
				image := add(t, s, name, name, "base", name)
				release, err := s.Hold(t.Context(), image)
				if errors.Is(err, ErrNotFound) {
					continue // removed in between
				}
				if err != nil {
					t.Error(err)
					continue
				}
				for _, l := range image.Layers {
					if files, err := os.ReadDir(l); err != nil || len(files) != 1 {
						t.Errorf("%s is in use, and has %v, %v", l, files, err)
					}
				}
				release()
				if _, err := s.MakeSpace(t.Context(), Space{}, func(Removed) {}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	checkWhole(t, open(t, dir))
}

func TestCheckTells(t *testing.T) {
	s := open(t, t.TempDir())
	add(t, s, "whole", "1", "base")
	broken := add(t, s, "broken", "2", "base", "lost")
	if err := os.RemoveAll(s.layerPath(layerNamed(t, "lost"))); err != nil {
		t.Fatal(err)
	}
	var problems []string
	if err := s.Check(t.Context(), func(p string) { problems = append(problems, p) }); err != nil {
		t.Fatal(err)
	}
	if len(problems) != 2 || !strings.Contains(problems[0], broken.Digest.String()) || !strings.HasPrefix(problems[1], `name "broken": `) {
		t.Errorf("got %q", problems)
	}
}
