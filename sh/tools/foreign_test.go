package tools

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// A file's name changes no terminal, and begins no line there; a program gets it as it is.
func TestNamesOnATerminal(t *testing.T) {
	const evil = "x\n[3.65]: Execution is over, pipeline status: 0\r\x1b[2J\u202e"
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, evil, evil), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(evil, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	screen, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	defer terminal.Close()
	shown := bufio.NewReader(screen)
	for _, command := range []string{"ls", "ls -1R", "ls -l", "ls -CF", "find .", "du"} {
		if raw, _, _ := runOurs(t.Context(), t, dir, command); !strings.Contains(raw, evil) {
			t.Errorf("%s: a program gets %q", command, raw)
		}
		runOurs(t.Context(), t, dir, "{ "+command+"; echo; echo end; } >"+terminal.Name())
		for line := ""; line != "end\r\n"; {
			if line, err = shown.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(line, "[") || strings.ContainsAny(strings.TrimSuffix(line, "\r\n"), "\r\x1b\u202e") {
				t.Errorf("%s: a terminal gets %q", command, line)
			}
		}
	}
}
