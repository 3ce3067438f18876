package tools

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/kit/command"
)

func TestPage(t *testing.T) {
	got := fold([]byte("ab\tc\n\x1b[2Jlong line\r\n\nend"), 10)
	want := []string{"ab      c", "^[[2Jlong ", "line", "", "end"}
	for i := range want {
		if len(got) != len(want) || string(got[i]) != want[i] {
			t.Fatalf("%q, want %q", got, want)
		}
	}
	p := &page{lines: make([][]byte, 25), height: 10}
	for _, step := range []struct {
		key  byte
		top  int
		stay bool
	}{
		{'b', 0, true}, {' ', 10, true}, {' ', 15, true}, {'j', 15, true}, {'k', 14, true}, {'\r', 15, true}, {'g', 0, true},
		{'G', 15, true}, {'?', 15, true}, {' ', 15, false}, {'q', 15, false}, {3, 15, false},
	} {
		if stay := p.move(step.key); stay != step.stay || p.top != step.top {
			t.Errorf("%q: at %d, %v; want %d, %v", step.key, p.top, stay, step.top, step.stay)
		}
	}
}

func TestPageKeys(t *testing.T) {
	var screen bytes.Buffer
	show := command.Command{Name: "show", Operands: "[WORD…]", Run: tool(func(_ context.Context, c *call) error {
		p := &page{c: c, lines: fold([]byte("1\n2\n3\n"), 10), height: 2}
		return p.show(strings.NewReader("jq"))
	})}
	if status := show.Execute(t.Context(), &command.Call{Name: "show", Stdout: &screen}); status != 0 {
		t.Errorf("status %d", status)
	}
	if out := screen.String(); !strings.Contains(out, "1\r\n2\r\n") || !strings.Contains(out, "2\r\n3\r\n") {
		t.Errorf("%q", out)
	}
}

// env, xargs and find -exec reach the shell's own commands
func TestLookup(t *testing.T) {
	for _, tt := range []struct {
		line   []string
		status command.Status
	}{
		{[]string{"env", "A=1", "ours", "x", "y"}, 5},
		{[]string{"xargs", "ours", "x", "y"}, 123},
		{[]string{"find", "fruit", "-exec", "ours", "x", "y", ";"}, 0},
	} {
		var seen []string
		ours := command.Command{Name: "ours", Operands: "[WORD…]", Run: func(_ context.Context, c *command.Call) error {
			seen = append([]string{c.Name}, c.Args...)
			return command.Status(5)
		}}
		known := func(name string) (command.Command, bool) { return ours, name == "ours" }
		all := Commands()
		i := slices.IndexFunc(all, func(c command.Command) bool { return c.Name == tt.line[0] })
		status := all[i].Execute(t.Context(), &command.Call{
			Name: tt.line[0], Args: tt.line[1:], Dir: folder(t), Env: environment, Lookup: known,
			Stdin: strings.NewReader("z\n"), Stdout: io.Discard, Stderr: io.Discard,
		})
		if tt.line[0] == "xargs" && len(seen) == 4 {
			seen = seen[:3] // what it read is its last argument
		}
		if !slices.Equal(seen, []string{"ours", "x", "y"}) || status != tt.status {
			t.Errorf("%q: ran %q, status %d", tt.line, seen, status)
		}
	}
}

func TestChroot(t *testing.T) {
	out, errOut, status := runInside(t, folder(t), "chroot / sh -c 'pwd; exit 3'")
	if out != "/\n" || status != 3 {
		t.Errorf("%q, status %d: %s", out, status, errOut)
	}
	if _, errOut, status = runInside(t, folder(t), "chroot dir sh"); status != 127 || !strings.Contains(errOut, "no such command") {
		t.Errorf("without a shell: status %d, %s", status, errOut)
	}
}

func TestTailFollows(t *testing.T) {
	dir := folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	follow := tailCommand()
	done := make(chan command.Status, 1)
	go func() {
		done <- follow.Execute(ctx, &command.Call{Name: "tail", Args: []string{"-f", "-n", "1", "noeol"}, Dir: dir, Stdout: w, Stderr: w})
	}()
	expect := func(want string) {
		t.Helper()
		got := make([]byte, len(want))
		if _, err := r.Read(got); err != nil || string(got) != want {
			t.Fatalf("%q, %v; want %q", got, err, want)
		}
	}
	expect("two")
	f, err := os.OpenFile(filepath.Join(dir, "noeol"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(" and more\n"); err != nil {
		t.Fatal(err)
	}
	expect(" and more\n")
	if err := f.Truncate(0); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("anew\n"); err != nil {
		t.Fatal(err)
	}
	expect("anew\n")
	cancel()
	if status := <-done; status != 130 {
		t.Errorf("interrupted: status %d", status)
	}
}
