package swap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/rootfs/disk"
)

func TestParseSize(t *testing.T) {
	if got, err := ParseSize("2GiB"); err != nil || got != 2<<30 {
		t.Errorf("2GiB: got %d, %v", got, err)
	}
	for _, text := range []string{"", "0", "%", "0%", "x%", "-1G"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
	if half, err := ParseSize("50%"); err != nil || half <= 0 {
		t.Errorf("50%%: got %d, %v", half, err)
	}
}

func TestMake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "swap")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Make(path, false); err != nil {
		t.Fatal(err)
	}
	c, err := disk.Probe(path)
	if err != nil || c.Type != "swap" || c.UUID == "" {
		t.Errorf("it holds %+v, %v, want swap with a UUID", c, err)
	}
	if err := On(path, -1); err != nil {
		// what is in memory cannot hold a swap area
		if !strings.Contains(err.Error(), "is on a filesystem that cannot hold one") {
			t.Fatal(err)
		}
		return
	}
	if err := Off(path); err != nil {
		t.Error(err)
	}
}

func TestMakeRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "swap")
	if err := os.WriteFile(path, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Make(path, false); err == nil || !strings.Contains(err.Error(), "too few") {
		t.Errorf("of one page: got %v", err)
	}
}
