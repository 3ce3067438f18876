package boot

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bootrc/init/cmdline"
)

func TestPhasesIn(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"30-network.sh", "05-a.sh", "99-poweroff.sh", "30-network.sh~", "README", "3-x.sh", "xx-y.sh", "50-.sh", "35-wifi.txt"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "40-folder.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	phases, err := phasesIn(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := list(phases), "a, network, poweroff"; got != want {
		t.Errorf("phases are %q, want %q", got, want)
	}
}

// What a store of volumes keeps for itself is not offered.
func TestOffer(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"job", ".work/x", "cache"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got := shownIn(folder); !slices.Equal(got, []string{"cache", "job"}) {
		t.Errorf("%q is offered", got)
	}
}

func TestFollowing(t *testing.T) {
	phases := []phase{{"05-a.sh"}, {"30-b.sh"}, {"90-c.sh"}}
	for _, tt := range []struct{ last, want string }{
		{"", "05-a.sh"}, {"05-a.sh", "30-b.sh"}, {"20-removed.sh", "30-b.sh"}, {"90-c.sh", ""},
	} {
		if got, _ := following(phases, tt.last); got.file != tt.want {
			t.Errorf("after %q comes %q, want %q", tt.last, got.file, tt.want)
		}
	}
}

func TestFinal(t *testing.T) {
	for file, want := range map[string]bool{"00-a.sh": false, "89-z.sh": false, "90-a.sh": true, "99-poweroff.sh": true} {
		if got := (phase{file}).final(); got != want {
			t.Errorf("%s always runs: %v, want %v", file, got, want)
		}
	}
}

func TestSelection(t *testing.T) {
	phases := []phase{{"30-network.sh"}, {"46-cache.sh"}, {"60-run.sh"}}
	for _, tt := range []struct{ line, err string }{
		{"b2c.skip=cache b2c.break=30-network b2c.trace=60-run.sh", ""},
		{"b2c.skip=late", ""},
		{"b2c.trace", ""},
		{"b2c.skip=cache,clok", "argument b2c.skip=clok: no such phase; there are: network, cache, run, late"},
		{"b2c.break=net", "argument b2c.break=net: no such phase; there are: network, cache, run, late"},
	} {
		line, err := cmdline.Parse(tt.line)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := newSelection(line).check(phases, []string{"55-late.sh"}); err != nil {
			got = err.Error()
		}
		if got != tt.err {
			t.Errorf("%s: error %q, want %q", tt.line, got, tt.err)
		}
	}
}
