// Package conformance holds this shell against dash: a corpus of scripts by subject, scripts
// that a grammar makes up, and scripts that Debian's packages bring.
package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// difference begins the first line of a script on which dash differs, and is right to or
// not: what follows says why. The file behind it in the archive, "want", is what our shell
// writes then.
const difference = "# differs: "

// TestCorpus runs each script of testdata in dash and here. They agree when the output and the exit
// status are the same, and either both or neither write to standard error.
func TestCorpus(t *testing.T) {
	for _, file := range glob(t, "testdata/*.txtar") {
		archive := txtar.Parse([]byte(read(t, file)))
		for i, f := range archive.Files {
			if f.Name == "want" {
				continue
			}
			script := string(f.Data)
			t.Run(subject(file)+"/"+f.Name, func(t *testing.T) {
				t.Parallel()
				got, want := runScript(t, ours(t), script), runScript(t, dash, script)
				if !strings.HasPrefix(script, difference) {
					if got != want {
						t.Errorf("%s\nhere: %v\ndash: %v", script, got, want)
					}
					return
				}
				if i+1 == len(archive.Files) || archive.Files[i+1].Name != "want" {
					t.Fatal("it differs, and no file \"want\" follows")
				}
				if wanted := string(archive.Files[i+1].Data); strings.TrimRight(got.String(), "\n") != strings.TrimRight(wanted, "\n") {
					t.Errorf("%s\nhere: %v\nwant: %s", script, got, wanted)
				}
				if got == want {
					t.Errorf("%s\nboth: %v: it is no difference any more", script, got)
				}
			})
		}
	}
}

// subject is what the scripts of an archive are about.
func subject(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txtar") }

// result is what a script did.
type result struct {
	out      string
	complain bool // wrote to standard error
	status   int  // 128 and the signal's number if that ended it
}

func (r result) String() string {
	complaint := ""
	if r.complain {
		complaint = ", with a message"
	}
	return fmt.Sprintf("status %d%s\n%s", r.status, complaint, r.out)
}

// shell is a shell's program, with the variables that make it one.
type shell struct {
	path string
	env  []string
}

var dash = shell{path: "/usr/bin/dash"}

// asShell makes this test's program our shell.
const asShell = "BOOTRC_TEST_AS_SHELL=1"

func ours(t *testing.T) shell {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return shell{path, []string{asShell}}
}

// limit is long after every script should have ended.
const limit = 2 * time.Minute

// runScript runs a script in an empty folder.
func runScript(t *testing.T, s shell, script string) result {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.path, file)
	cmd.Dir = dir
	cmd.Env = append(s.env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", "TZ=UTC")
	cmd.WaitDelay = time.Second // what a script leaves behind may hold the pipes
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Errorf("%s does not end:\n%s", s.path, script)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(out.String(), dir, "DIR")
	return result{message.ReplaceAllString(text, "MESSAGE"), messages.Len() > 0, status(cmd.ProcessState)}
}

// message is a line in which a shell or a command complains, where the script wrote that to its output.
var message = regexp.MustCompile(`(?m)^.*(/script|cat): .*$`)
