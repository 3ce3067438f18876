package tools

import (
	"bufio"
	"io"
	"os"
	"strings"
	"testing"
)

func discard() *bufio.Writer { return bufio.NewWriter(io.Discard) }

// every command that writes says so when the disk is full
func TestFullOutput(t *testing.T) {
	for _, line := range []string{
		"cat fruit", "tee < fruit", "head fruit", "tail fruit", "grep p fruit", "sort fruit", "uniq fruit", "cut -c 1 fruit",
		"tr a b < fruit", "wc fruit", "seq 3", "base64 fruit", "sha256sum fruit", "hexdump fruit", "ls", "ls -l", "stat fruit",
		"find .", "du", "df", "ps", "free", "date", "uname", "env", "printenv PATH", "basename x", "dirname x", "realpath .",
		"id", "mount", "kill -l", "umask", "ulimit -a", "gzip -c fruit", "tar -c fruit", "dd if=fruit", "uptime", "nproc", "hostname",
		"printf 'a b' | xargs", "find . -print0", "mktemp -p .",
	} {
		_, errOut, status := runOurs(t.Context(), t, folder(t), line+" > /dev/full")
		if status == 0 || !strings.Contains(errOut, "no space left on device") {
			t.Errorf("%s: status %d, %q", line, status, errOut)
		}
	}
}

func TestHugeLine(t *testing.T) {
	dir := folder(t)
	f, err := os.Create(dir + "/huge")
	if err != nil {
		t.Fatal(err)
	}
	// a hole: 40 MiB without a newline
	if err := f.Truncate(40 << 20); err != nil {
		t.Fatal(err)
	}
	f.Close()
	for line, fails := range map[string]bool{
		"grep x huge": true, "sort huge": true, "uniq huge": true, "cut -c 1 huge": true, "tail -n 1 huge": true, "sha256sum -c huge": true,
		"head -n 1 huge > /dev/null": false, "wc -l huge > /dev/null": false, "tr -d '\\0' < huge": false, "cat huge > /dev/null": false,
	} {
		out, errOut, status := runOurs(t.Context(), t, dir, line)
		if (status != 0) != fails || fails && !strings.Contains(errOut, "longer than 16 MiB") {
			t.Errorf("%s: status %d, %q, %q", line, status, clip(out), clip(errOut))
		}
	}
	long := strings.Repeat("y", 1<<20)
	if err := os.WriteFile(dir+"/long", []byte("a\n"+long+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, _, status := runOurs(t.Context(), t, dir, "sort -r long | grep y"); out != long+"\n" || status != 0 {
		t.Errorf("a line of 1 MiB: %d bytes, status %d", len(out), status)
	}
}

func TestFoldersAsFiles(t *testing.T) {
	for _, line := range []string{
		"cat dir", "head dir", "tail dir", "sort dir", "uniq dir", "cut -c 1 dir", "wc dir", "grep x dir", "base64 dir", "sha256sum dir",
		"hexdump dir", "gzip dir", "tee dir", "dd if=dir", "dd if=fruit of=dir", "tar tf dir", "cat fruit/x", "ls fruit/x", "rm fruit/x",
	} {
		if _, errOut, status := runOurs(t.Context(), t, folder(t), line); status == 0 || errOut == "" {
			t.Errorf("%s: status %d, %q", line, status, errOut)
		}
	}
}

// every command answers nonsense with its usage
func TestUsage(t *testing.T) {
	for _, c := range Commands() {
		_, errOut, status := runOurs(t.Context(), t, t.TempDir(), c.Name+" --no-such-option")
		if status != 2 || !strings.Contains(errOut, "\nusage: "+c.Name) {
			t.Errorf("%s: status %d, %q", c.Name, status, errOut)
		}
	}
}

func TestCommandsAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Commands() {
		if seen[c.Name] || c.Summary == "" || strings.HasSuffix(c.Summary, ".") || c.Run == nil {
			t.Errorf("%s: %q", c.Name, c.Summary)
		}
		seen[c.Name] = true
	}
}
