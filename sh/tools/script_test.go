package tools

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/kit/command"
	"bootrc/sh/run"
	"bootrc/sh/syntax"
)

// script is a command line, run in a folder with some files, once with the
// commands here and once with the host's.
type script struct {
	line   string
	want   string // standard output
	status int
	ours   string // why the host is not asked, or answers otherwise; "" if both agree
}

// texts is what the folder of each script holds.
var texts = map[string]string{
	"fruit":    "pear\napple\nfig\napple\n",
	"numbers":  "10\n9\n-3\n2.5\n0010\nx\n",
	"noeol":    "one\ntwo",
	"fields":   "a:b:c\nd:e\nnone\n",
	"binary":   "start\x00\xff\x01end\nnext\n",
	"empty":    "",
	"dir/in":   "inner apple\n",
	"dir/sub/": "",
}

var environment = []string{"LC_ALL=C", "TZ=UTC", "HOME=/nowhere", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}

func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range texts {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runOurs interprets the line with the commands of this package, and with the
// host's programs only where one of ours starts them.
func runOurs(ctx context.Context, t *testing.T, dir, line string) (out, errOut string, status int) {
	t.Helper()
	out, errOut, status, err := interpret(ctx, dir, line)
	if err != nil && ctx.Err() == nil {
		t.Fatalf("%s: %v", line, err)
	}
	return out, errOut, status
}

func interpret(ctx context.Context, dir, line string) (out, errOut string, status int, err error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return "", "", 2, err
	}
	defer null.Close()
	commands := Commands()
	var stdout, stderr bytes.Buffer
	shell, err := run.New(run.Config{
		Name: "sh", Dir: dir, Env: environment, Stdin: null, Stdout: &stdout, Stderr: &stderr,
		Lookup: func(name string) (command.Command, bool) {
			i := slices.IndexFunc(commands, func(c command.Command) bool { return c.Name == name })
			if i < 0 {
				return command.Command{}, false
			}
			return commands[i], true
		},
	})
	if err != nil {
		return "", "", 2, err
	}
	defer shell.Close()
	result := shell.Run(ctx, syntax.Text(line), 1)
	return stdout.String(), stderr.String(), result.Status, nil
}

func runHost(t *testing.T, dir, line string) (out string, status int) {
	t.Helper()
	c := exec.Command("/bin/sh", "-c", line)
	c.Dir, c.Env = dir, environment
	output, err := c.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(output), c.ProcessState.ExitCode()
}

func testScripts(t *testing.T, scripts []script) {
	t.Helper()
	for _, s := range scripts {
		t.Run(s.line, func(t *testing.T) {
			out, errOut, status := runOurs(t.Context(), t, folder(t), s.line)
			if out != s.want || status != s.status {
				t.Errorf("got %q, status %d (%s)\nwant %q, status %d", out, status, errOut, s.want, s.status)
			}
			if s.ours != "" {
				return
			}
			out, status = runHost(t, folder(t), s.line)
			if out != s.want || status != s.status {
				t.Errorf("the host: got %q, status %d\nwant %q, status %d", out, status, s.want, s.status)
			}
		})
	}
}
