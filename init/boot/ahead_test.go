package boot

import (
	"os"
	"path/filepath"
	"testing"
)

// A hook that another one changes runs as it is when its turn comes.
func TestAheadSeesChanges(t *testing.T) {
	folder := t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, "10-a.sh"), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write("echo old")
	var a ahead
	a.parseAll(folder)
	first, err := a.parse(folder, "10-a.sh")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := a.parse(folder, "10-a.sh"); again.Text != first.Text {
		t.Errorf("the same hook became %q", again.Text)
	}
	write("echo new")
	if changed, _ := a.parse(folder, "10-a.sh"); changed.Text != "echo new" {
		t.Errorf("parsed %q, want the new text", changed.Text)
	}
	if _, err := a.parse(folder, "20-b.sh"); err == nil {
		t.Error("no error for a hook that is not there")
	}
}
