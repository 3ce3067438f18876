package boot

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootrc/init/console"
	"bootrc/sh/tools"

	"github.com/creack/pty"
)

// A test at a terminal starts this program again, which boots with the hooks of a folder there.
func TestMain(m *testing.M) {
	folder := os.Getenv("BOOT_AT_TERMINAL")
	if folder == "" {
		os.Exit(m.Run())
	}
	if err := RunHooks(context.Background(), tools.Commands(), nil, os.Getenv("BOOT_ARGUMENTS"), folder, console.New(os.Stdout)); err != nil {
		panic(err)
	}
}

// atTerminal boots on a terminal, and types: texts to wait for, and keys, by turns. It returns all that was seen.
func atTerminal(t *testing.T, arguments string, hooks map[string]string, typed ...string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range hooks {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BOOT_AT_TERMINAL="+folder, "BOOT_ARGUMENTS=b2c.log=plain "+arguments, "HOOKS="+folder, "TERM=linux")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	defer cmd.Process.Kill()
	seen, from := "", 0
	pieces := make(chan string)
	go func() {
		defer close(pieces)
		block := make([]byte, 4096)
		for {
			n, err := terminal.Read(block)
			if n > 0 {
				pieces <- string(block[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	limit := time.After(2 * time.Minute)
	next := func() bool {
		select {
		case piece, ok := <-pieces:
			seen += piece
			return ok
		case <-limit:
			t.Fatalf("it does not go on; seen:\n%q", seen)
			return false
		}
	}
	for i := 0; i+1 < len(typed); i += 2 {
		for !strings.Contains(seen[from:], typed[i]) {
			if !next() {
				t.Fatalf("no %q; seen:\n%q", typed[i], seen[from:])
			}
		}
		from += strings.Index(seen[from:], typed[i]) + len(typed[i])
		if _, err := terminal.WriteString(typed[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	for next() {
	}
	cmd.Wait()
	return strings.ReplaceAll(seen, "\r\n", "\n")
}

var brokenHook = map[string]string{
	"35-wires.sh": "set -e\nB2C_PIPELINE_STATUS=2\nsed s/conect\necho connected",
	"60-run.sh":   "echo the pipeline runs",
	"90-end.sh":   "causes; echo status $B2C_PIPELINE_STATUS",
}

// A person finds a broken hook, mends it with the editor, and has the boot go on.
func TestMendAtTerminal(t *testing.T) {
	seen := atTerminal(t, "b2c.on_fail=shell", brokenHook,
		"a key within 30s opens a shell", " ",
		"# ", "phase\r",
		"failed in line 3", "phase --edit wires\r",
		"ctrl-s writes", "\x1b[B\x1b[B\x0b\x13\x11",
		"# ", "phase -s wires; again\r")
	for _, want := range []string{
		"ERROR: 35-wires.sh: line 3: exit status 2", "the command that failed: sed s/conect\n",
		"`again` runs it again and goes on with the boot", "connected\n", "the pipeline runs\n", "status 0\n",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("no %q in:\n%s", want, seen)
		}
	}
	if strings.Contains(seen, "What failed") {
		t.Errorf("what was mended is listed:\n%s", seen)
	}
}

// Without somebody who presses a key, and after an exit that leaves the phase as it is, the boot ends as it would have.
func TestNobodyMends(t *testing.T) {
	for arguments, typed := range map[string][]string{
		"b2c.on_fail=shell,0.2": nil,
		"b2c.on_fail=shell,0":   {"# ", "exit\r"},
	} {
		seen := atTerminal(t, arguments, brokenHook, typed...)
		if strings.Contains(seen, "the pipeline runs") || !strings.Contains(seen, "What failed: 35-wires.sh: line 3: sed: ") || !strings.Contains(seen, "status 2\n") {
			t.Errorf("%s:\n%s", arguments, seen)
		}
	}
}

// What was done by hand need not be done by the phase.
func TestDoneByHand(t *testing.T) {
	seen := atTerminal(t, "b2c.on_fail=shell,0", brokenHook, "# ", "phase --done wires; exit\r")
	if !strings.Contains(seen, "the pipeline runs") || !strings.Contains(seen, "status 0\n") {
		t.Error(seen)
	}
}

// b2c.shell opens though the network has failed, and says what its exit does.
func TestShellWithoutNetwork(t *testing.T) {
	run, err := os.ReadFile("../../hooks/60-run.sh")
	if err != nil {
		t.Fatal(err)
	}
	hooks := map[string]string{"30-network.sh": "exit 1", "50-volumes.sh": "echo never", "60-run.sh": string(run), "90-end.sh": "echo the end"}
	seen := atTerminal(t, "b2c.shell", hooks, "its exit ends the boot", "", "# ", "echo al''ive; exit\r")
	if !strings.Contains(seen, "\nalive\n") || !strings.Contains(seen, "the end\n") || strings.Contains(seen, "never") {
		t.Error(seen)
	}
}
