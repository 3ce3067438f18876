package sh

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// The tests of the line that a person types on start this program again, with a
// terminal for its standard streams.
func TestMain(m *testing.M) {
	if os.Getenv("INTERACTIVE_SHELL") == "" {
		os.Exit(m.Run())
	}
	s, err := New(Config{
		Table: NewTable(testCommands()...), Topics: []Topic{{"b2c.run", "run a container"}, {"b2c.skip", "leave a phase out"}},
		Env: os.Environ(), Dir: "/", Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	if err != nil {
		panic(err)
	}
	fmt.Printf("left with status %d\n", s.Interactive(context.Background()))
}

// started is a program that says when it runs.
const started = "sh -c 'echo s''leeping; exec sleep 100'"

func TestInteractive(t *testing.T) {
	for _, tt := range []struct {
		name  string
		typed []string // text to wait for, keys, text to wait for, keys…
		then  string   // what is seen at last
	}{
		{"exit", []string{"# ", "exit 3\r"}, "left with status 3"},
		{"end of input", []string{"# ", "status 1 2\r", "# ", "\x04"}, "left with status 2"},
		{"variables stay", []string{"# ", "a=5\r", "# ", "echo got $((a+1))\r"}, "got 6"},
		{"a statement over lines", []string{"# ", "for i in 1 2\r", "> ", "do echo n$i; done\r"}, "n1\r\nn2"},
		{"syntax error", []string{"# ", "fi\r", "unexpected \"fi\"", "echo go on\r"}, "\ngo on"},
		{"ctrl-c ends the command, not the shell",
			[]string{"# ", "hang\r", "hanging\r\n", "\x03", "# ", "echo status $?\r"}, "status 130"},
		{"ctrl-c ends a loop", []string{"# ", "while :; do echo round; done\r", "round\r\nround\r\n", "\x03", "# ", "echo alive\r"}, "\nalive"},
		{"ctrl-c empties the line", []string{"# ", "echo never", "never", "\x03", "# ", "echo but this\r"}, "\nbut this"},
		{"ctrl-c in a shell within a shell",
			[]string{"# ", "shell; echo back\r", "back\r\n", "", "# ", "hang\r", "hanging\r\n", "\x03", "# ", "exit\r"}, "\nback"},
		{"ctrl-c ends the line", []string{"# ", started + "; echo nev''er\r", "sleeping\r\n", "\x03", "# ", "echo status $?\r"}, "status 130"},
		{"ctrl-c ends a loop of programs", []string{"# ", "while :; do " + started + "; done\r", "sleeping\r\n", "\x03", "# ", "echo al''ive\r"}, "\nalive"},
		{"in the background", []string{"# ", "{ sleep 0.1; echo lat''er; } & echo at on''ce\r", "at once"}, "later"},
		{"a job that is stopped and resumed",
			[]string{"# ", started + "\r", "sleeping\r\n", "\x1a", "Stopped sh", "", "# ", "jobs; bg; sh -c \"kill $(jobs -p)\"; wait %1; echo status $?\r"}, "status 143"},
		{"a job in the foreground again",
			[]string{"# ", "sh -c 'echo s''tarted; exec cat'\r", "started\r\n", "\x1a", "Stopped sh", "", "# ", "fg\r", "fg\r\n", "here\r", "here\r\nhere", "\x04", "# ", "echo status $?\r"}, "status 0"},
		{"history", []string{"# ", "echo first\r", "\nfirst", "\x1b[A", "echo first", "\r"}, "\nfirst"},
		{"history of several lines", []string{"# ", "for i in 1 2\r", "> ", "do echo n$i\r", "> ", "done\r", "n2\r\n", "\x1b[A", "␤done", "\r"}, "n1\r\nn2"},
		{"search", []string{"# ", "echo o''ld\r", "\r\nold", "echo n''ew\r", "\r\nnew", "echo", "echo", "\x15\x12\x12", "o''ld", "\r"}, "\nold"},
		{"search for what is typed", []string{"# ", "echo o''ld\r", "\r\nold", "echo n''ew\r", "\r\nnew", "\x12", "n''ew", "o''l", "o''ld", "\r"}, "\nold"},
		{"a search and a key that is none", []string{"# ", "echo n''ew\r", "\r\nnew", "\x12", "n''ew", "\x1b[5~\r"}, "\nnew"},
		{"a paste runs with the next enter", []string{"# ", "\x1b[200~if :; then\r\techo \"p\tq\"\rfi\x1b[201~", "␤fi", "; echo e''nd\r"}, "\r\np\tq\r\nend"},
		{"home and end", []string{"# ", "cho x\x1b[1~e\x1b[4~y\r"}, "\nxy"},
		{"by words", []string{"# ", "echo a c\x1b[1;5Db \r"}, "\na b c"},
		{"ctrl-c ends read", []string{"# ", "echo r''eady; read x; echo nev''er\r", "ready\r\n", "\x03", "# ", "echo status $?\r"}, "status 130"},
		{"read after one that was ended", []string{"# ", "echo r''eady; read x\r", "ready\r\n", "\x03", "# ", "echo ag''ain; read y; echo \"got<$y>\"\r", "again\r\n", "it\r"}, "got<it>"},
		{"a second tab lists", []string{"# ", "help b2c.\t\t", "b2c.run", "\x15echo on\r"}, "\non"},
		{"set -e of a script that is read in", []string{"# ", "set -e; false; echo never\r", "# ", "echo al''ive\r"}, "\nalive"},
		{"editing", []string{"# ", "echo ac\x1b[Db\r"}, "\nabc"},
		{"completion", []string{"# ", "environ\t\r"}, "A= B= in /"},
		{"completion of options", []string{"# ", "status --hel\t\r"}, "usage: status"},
		{"completion behind >", []string{"# ", "read x </et\tpasswd; echo \"got $x\"\r"}, "got root:"},
		{"help of a builtin", []string{"# ", "help cd\r"}, "cd: a builtin of the shell"},
		{"help", []string{"# ", "help b2c.run nonsense\r"}, "help: nonsense: no such command or kernel argument"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			terminal := startTerminal(t)
			for i := 0; i+1 < len(tt.typed); i += 2 {
				terminal.await(t, tt.typed[i])
				terminal.send(t, tt.typed[i+1])
			}
			terminal.await(t, tt.then)
		})
	}
}

// terminal is a shell under test and what has been seen of its output.
type terminal struct {
	pty  *os.File
	mu   sync.Mutex
	seen bytes.Buffer
}

func startTerminal(t *testing.T) *terminal {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "INTERACTIVE_SHELL=1", "TERM=vt220")
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	f, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{pty: f}
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := f.Read(b)
			term.mu.Lock()
			term.seen.Write(b[:n])
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait(); f.Close() })
	return term
}

// withoutPasteMode leaves out what a terminal does not show.
var withoutPasteMode = strings.NewReplacer("\x1b[?2004h", "", "\x1b[?2004l", "")

// await waits until text has been seen, and forgets all up to its end.
func (term *terminal) await(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		term.mu.Lock()
		all := withoutPasteMode.Replace(term.seen.String())
		if at := strings.Index(all, text); at >= 0 {
			term.seen.Reset()
			term.seen.WriteString(all[at+len(text):])
			term.mu.Unlock()
			return
		}
		term.mu.Unlock()
		if time.Now().After(deadline) {
			t.Fatalf("waiting for %q, saw %q", text, all)
		}
	}
}

func (term *terminal) send(t *testing.T, keys string) {
	t.Helper()
	if _, err := term.pty.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}
