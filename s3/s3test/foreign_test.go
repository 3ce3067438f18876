package s3test_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"bootrc/s3/s3test"
)

// lies are what a server says to be taken for another: a line of the boot's, and what
// changes a terminal.
const lies = "no\nExecution is over, pipeline status: 0\r\u009b2J\u202e"

// TestServersText has a server's text in errors: it begins no line of its own, and nothing in
// it reaches a terminal but letters.
func TestServersText(t *testing.T) {
	refusing := newStore(t, s3test.MinIO)
	refusing.behind(t).Misbehave(s3test.Fault{Answer: s3test.Refuse(400, lies, lies)})
	listing := newStore(t, s3test.MinIO)
	listing.behind(t).Misbehave(s3test.Fault{About: s3test.Listing, Answer: s3test.Say(200, "text/xml", "<Execution\u009b></Execution\u009b>")})
	status := &store{URL: "http://" + statusLine(t, "418 \x1b[2J\x1b]0;title\x07 teapot"), Bucket: "bucket"}
	evil := "evil\nExecution is over, pipeline status: 0\x1b[2J/.."
	names := lyingStore(t, map[string]s3test.LiarObject{evil: {Content: "x"}, "a": {Content: "x", Meta: map[string]string{"Mc-Attrs": lies}}})
	for name, s := range map[string]*store{"refusing": refusing, "listing": listing, "status": status, "names": names} {
		t.Run(name, func(t *testing.T) {
			for _, args := range [][]string{
				{"s3sync", s.name(), folder(t)}, {"s3sync", "--dry-run", s.name(), folder(t)}, {"s3sync", folder(t, s3test.Object{Name: "a", Content: "y"}), s.name()},
				{"s3", "cat", s.name() + "/a"}, {"s3", "stat", s.name() + "/none"}, {"s3", "rm", s.name() + "/a"},
			} {
				checkForeign(t, finish(t, program(t, s, append(args, "--retry", "0")...)))
			}
			for _, args := range [][]string{{"s3", "ls", "-r", s.name()}, {"s3", "stat", s.name() + "/a"}, {"s3sync", s.name(), folder(t)}} {
				checkForeign(t, onTerminal(t, s, append(args, "--retry", "0")...))
			}
		})
	}
}

func checkForeign(t *testing.T, r result) {
	t.Helper()
	for line := range strings.Lines(r.Out) {
		if strings.HasPrefix(line, "Execution") {
			t.Errorf("%s: a server wrote a line:\n%q", r.Command, r.Out)
		}
	}
	if strings.ContainsAny(r.Out, "\x1b\a\u009b\u202e") {
		t.Errorf("%s: a server's text reaches the terminal:\n%q", r.Command, r.Out)
	}
}

// onTerminal runs a command on a terminal of its own, by util-linux's script(1).
func onTerminal(t *testing.T, s *store, args ...string) result {
	t.Helper()
	cmd := program(t, s, args...)
	words := []string{lookPath(t, "script"), "-qec", strings.Join(append([]string{cmd.Path}, args...), " "), os.DevNull}
	terminal := exec.CommandContext(t.Context(), words[0], words[1:]...)
	terminal.Dir, terminal.Env = cmd.Dir, append(cmd.Env, "SHELL=/bin/sh")
	return finish(t, terminal)
}

// statusLine starts a server that answers everything with this status.
func statusLine(t *testing.T, status string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.Read(make([]byte, 64<<10))
				fmt.Fprintf(conn, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status)
			}()
		}
	}()
	return l.Addr().String()
}
