package s3test_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"bootrc/s3/s3test"
)

// A result is how a command ended.
type result struct {
	Command string
	Status  int // -1 for one that was killed
	Out     string
	Time    time.Duration
}

// program prepares a command of package s3 as a process; the store's alias is "store".
func program(t *testing.T, s *store, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = []string{
		roleVariable + "=command", "GORACE=atexit_sleep_ms=0", "PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "TMPDIR=" + cmd.Dir,
		alias("store", s.URL),
	}
	return cmd
}

// finish runs a command to its end.
func finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begin := time.Now()
	err := cmd.Run()
	r := result{strings.Join(cmd.Args[1:], " "), cmd.ProcessState.ExitCode(), out.String(), time.Since(begin)}
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if strings.Contains(r.Out, "DATA RACE") || strings.Contains(r.Out, "goroutine ") {
		t.Fatalf("%s: a race or a panic:\n%s", r.Command, r.Out)
	}
	if strings.Contains(r.Out, s3test.SecretKey) {
		t.Errorf("%s printed the secret key:\n%s", r.Command, r.Out)
	}
	return r
}

// s3sync runs it to its end.
func s3sync(t *testing.T, s *store, args ...string) result {
	t.Helper()
	return finish(t, program(t, s, append([]string{"s3sync"}, args...)...))
}

// succeeds ends the test if the command did not.
func (r result) succeeds(t *testing.T) result {
	t.Helper()
	if r.Status != 0 {
		t.Fatalf("%s: status %d:\n%s", r.Command, r.Status, r.Out)
	}
	return r
}

// fails checks that the command did, and that it said these words.
func (r result) fails(t *testing.T, words ...string) result {
	t.Helper()
	if r.Status <= 0 {
		t.Errorf("%s: status %d, want a failure:\n%s", r.Command, r.Status, r.Out)
	}
	return r.says(t, words...)
}

// says checks that the command's output has these words.
func (r result) says(t *testing.T, words ...string) result {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(r.Out, word) {
			t.Errorf("%s: says nothing of %q:\n%s", r.Command, word, r.Out)
		}
	}
	return r
}

// alias is the variable that makes a server an alias.
func alias(name, url string) string {
	return "MC_HOST_" + name + "=" + strings.Replace(url, "://", "://"+s3test.AccessKey+":"+s3test.SecretKey+"@", 1)
}

func lookPath(t *testing.T, name string) string {
	t.Helper()
	file, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v: ./test.sh installs what tests need", err)
	}
	return file
}
