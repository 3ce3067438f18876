package volume

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestVolumeOutlivesItsStore(t *testing.T) {
	root := t.TempDir()
	folder, err := open(t, root).Use("job")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "file"), "content")
	again, err := open(t, root).Use("job")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(again, "file")); string(got) != "content" {
		t.Errorf("the file reads %q, %v", got, err)
	}
}

func TestNames(t *testing.T) {
	s := open(t, t.TempDir())
	for _, name := range []string{"a", "A1", "0", "tmp", "data", "volume.json", "a_b.c-d", strings.Repeat("x", 255)} {
		if err := s.Create(name, Options{}); err != nil {
			t.Errorf("%.30q: %v", name, err)
		}
	}
	for _, name := range []string{"", ".", "..", ".work", "-a", "_a", "a/b", "../a", "/etc", "a b", "a\n", "a\x00", "é", strings.Repeat("x", 256)} {
		for what, err := range map[string]error{
			"Create": s.Create(name, Options{}), "Remove": s.Remove(name), "Unmount": s.Unmount(name),
			"Use": errorOf(s.Use(name)), "Prepare": errorOf(s.Prepare(name, Options{})), "Inspect": errorOf(s.Inspect(name)),
		} {
			if err == nil || !strings.Contains(err.Error(), "is no volume's name") {
				t.Errorf("%s of %.30q: %v", what, name, err)
			}
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

func TestCreateTwice(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Create("a", Options{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Create("a", Options{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating it again: %v", err)
	}
}

func TestPrepareKeepsWhatItIsNotTold(t *testing.T) {
	s := open(t, t.TempDir())
	end, _ := ParseExpiration("pipeline_end", time.Now())
	later, _ := ParseExpiration("2031-01-31", time.Now())
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{}, "never map[]"},
		{Options{Expiration: &end, Labels: map[string]string{"a": "1"}}, "pipeline_end map[a:1]"},
		{Options{}, "pipeline_end map[a:1]"},
		{Options{Expiration: &later, Labels: map[string]string{"a": "2", "b": ""}}, "2031-01-31T00:00:00Z map[a:2 b:]"},
	} {
		if _, err := s.Prepare("v", tt.o); err != nil {
			t.Fatal(err)
		}
		v, err := s.Inspect("v")
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Expiration.String() + " " + mapText(v.Labels); got != tt.want {
			t.Errorf("after %+v: %s, want %s", tt.o, got, tt.want)
		}
	}
}

func TestSweep(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	if err := s.Create("whole", Options{}); err != nil {
		t.Fatal(err)
	}
	// as a power cut leaves them: one being made, one being removed
	for _, left := range []string{"scratch-1/volume/data", "scratch-2/removed/data/folder"} {
		if err := os.MkdirAll(filepath.Join(root, workFolder, left), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// and one that another process makes just now
	w, err := s.newWork("new", Metadata{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	open(t, root)
	left, err := os.ReadDir(filepath.Join(root, workFolder))
	if err != nil || len(left) != 1 || left[0].Name() != filepath.Base(w.Path("")) {
		t.Errorf("left: %v, %v", left, err)
	}
	if names, err := s.names(); err != nil || !slices.Equal(names, []string{"whole"}) {
		t.Errorf("volumes: %v, %v", names, err)
	}
}

func TestRemove(t *testing.T) {
	s := open(t, t.TempDir())
	outside := t.TempDir()
	write(t, filepath.Join(outside, "file"), "")
	folder, err := s.Use("v")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove("v"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Inspect("v"); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(outside, "file")); err != nil {
		t.Errorf("what a link in the volume names is gone: %v", err)
	}
	if err := s.Remove("v"); !errors.Is(err, ErrNotFound) {
		t.Errorf("removing it again: %v", err)
	}
}

func TestVolumeInUse(t *testing.T) {
	s := open(t, t.TempDir())
	folder, err := s.Use("v")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	for _, tt := range []struct {
		name, source, target, kind string
		flags                      uintptr
	}{
		{"a file system as the volume", "none", folder, "tmpfs", 0},
		{"its files elsewhere", folder, elsewhere, "", unix.MS_BIND},
	} {
		if err := unix.Mount(tt.source, tt.target, tt.kind, tt.flags, ""); err != nil {
			t.Fatal(err)
		}
		if err := s.Remove("v"); !errors.Is(err, ErrInUse) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err := unix.Unmount(tt.target, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove("v"); err != nil {
		t.Errorf("no longer in use: %v", err)
	}
}

func TestUnmount(t *testing.T) {
	s := open(t, t.TempDir())
	folder, err := s.Use("v")
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", folder, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "file"), "")
	for range 2 { // the second finds nothing mounted
		if err := s.Unmount("v"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "file")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still mounted: %v", err)
	}
}

func TestExpire(t *testing.T) {
	s := open(t, t.TempDir())
	now := time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)
	for name, when := range map[string]string{
		"a": "never", "b": "pipeline_end", "c": "2026-12-24", "d": "2026-12-25", "e": "+1h", "f": "2026-12-24T13:00:00+01:00",
	} {
		e, err := ParseExpiration(when, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Create(name, Options{Expiration: &e}); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(s.data("b"), "file"), strings.Repeat("x", 100_000))
	expired, err := s.Expire(now, false)
	if err != nil {
		t.Fatal(err)
	}
	var gone []string
	for _, v := range expired {
		gone = append(gone, v.Name)
		if v.Name == "b" && v.Size < 100_000 {
			t.Errorf("b had %d bytes", v.Size)
		}
	}
	left, _ := s.names()
	if !slices.Equal(gone, []string{"b", "c", "f"}) || !slices.Equal(left, []string{"a", "d", "e"}) {
		t.Errorf("removed %v, left %v", gone, left)
	}
}

// A clock that is years ahead of where it was when the store was used last removes nothing,
// in this boot and the next, unless it is trusted.
func TestClockThatLeaps(t *testing.T) {
	s := open(t, t.TempDir())
	today := time.Now()
	soon := Expiration{at: today.Add(24 * time.Hour)}
	for name, e := range map[string]Expiration{"dated": soon, "passing": {pipelineEnd: true}, "kept": {}} {
		if err := s.Create(name, Options{Expiration: &e}); err != nil {
			t.Fatal(err)
		}
	}
	const year = 366 * 24 * time.Hour
	for _, tt := range []struct {
		now     time.Time
		trusted bool
		left    []string
		leapt   bool
	}{
		{today, false, []string{"dated", "kept"}, false},
		{today.Add(18 * year), false, []string{"dated", "kept"}, true},
		{today.Add(18*year + time.Hour), false, []string{"dated", "kept"}, true}, // the next boot
		{time.Unix(0, 0), false, []string{"dated", "kept"}, false},               // a clock that stood still
		{today.Add(year), true, []string{"kept"}, false},
		{today.Add(2*year - 48*time.Hour), false, []string{"kept"}, false},
	} {
		_, err := s.Expire(tt.now, tt.trusted)
		if left, _ := s.names(); !slices.Equal(left, tt.left) || errors.Is(err, ErrLeap) != tt.leapt || !tt.leapt && err != nil {
			t.Errorf("in %v, left are %v, %v; want %v", tt.now, left, err, tt.left)
		}
	}
	again := soon
	if err := s.Create("dated", Options{Expiration: &again}); err != nil {
		t.Fatal(err)
	}
	if expired, err := s.Expire(today.Add(2*year), false); len(expired) != 1 || err != nil {
		t.Errorf("a year is not over: %v, %v", expired, err)
	}
}

func TestDamagedVolume(t *testing.T) {
	s := open(t, t.TempDir())
	for _, name := range []string{"bad", "good"} {
		if err := s.Create(name, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, damage := range []string{"", "{", `{"expiration": "soon"}`} {
		write(t, s.path("bad", metadataFile), damage)
		all, err := s.List()
		if len(all) != 1 || all[0].Name != "good" || err == nil || !strings.Contains(err.Error(), "volume bad is damaged: ") {
			t.Errorf("%q: %v, %v", damage, all, err)
		}
		if folder, err := s.Use("bad"); err != nil || folder != s.data("bad") {
			t.Errorf("%q: its files cannot be used: %v", damage, err)
		}
		if err := s.Unmount("bad"); err != nil {
			t.Errorf("%q: %v", damage, err)
		}
		if _, err := s.Prepare("bad", Options{Labels: map[string]string{"a": "1"}}); err != nil {
			t.Errorf("%q: %v", damage, err)
		}
		if v, err := s.Inspect("bad"); err != nil || v.Labels["a"] != "1" || v.Created.IsZero() {
			t.Errorf("%q: it is not mended: %+v, %v", damage, v, err)
		}
	}
	write(t, s.path("bad", metadataFile), "{")
	if err := s.Remove("bad"); err != nil {
		t.Errorf("it cannot be removed: %v", err)
	}
}

// What cannot be written leaves the volume as it was, and nothing beside it.
func TestMetadataOnAFullDisk(t *testing.T) {
	root := t.TempDir()
	if err := unix.Mount("none", root, "tmpfs", 0, "size=64K"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(root, 0) })
	s := open(t, root)
	folder, err := s.Use("v")
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.Inspect("v")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "large"), make([]byte, 1<<20), 0o644); !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if _, err := s.Prepare("v", Options{Labels: map[string]string{"a": "1"}}); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("got %v", err)
	}
	if err := s.Create("w", Options{}); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("got %v", err)
	}
	if after, err := s.Inspect("v"); err != nil || len(after.Labels) > 0 || !after.Created.Equal(before.Created) {
		t.Errorf("before %+v, after %+v, %v", before, after, err)
	}
	for dir, want := range map[string][]string{"v": {"data", metadataFile}, workFolder: nil} {
		entries, err := os.ReadDir(s.path(dir))
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("in %s are %v, %v; want %v", dir, names, err, want)
		}
	}
}
