package s3test_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// memoryVariable names a file in which a command leaves what the kernel says of its memory:
// what it says to the parent, getrusage(2), is no less than the parent's own.
const memoryVariable = "S3TEST_MEMORY"

func noteMemory(file string) {
	if file == "" {
		return
	}
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		err = os.WriteFile(file, status, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// measured has a command's memory measured: peak returns the most that it had, in bytes, when
// it has ended.
func measured(cmd *exec.Cmd) (peak func(*testing.T) int64) {
	file := filepath.Join(cmd.Dir, "memory")
	cmd.Env = append(cmd.Env, memoryVariable+"="+file)
	return func(t *testing.T) int64 {
		t.Helper()
		status, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var kilobytes int64
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
			t.Fatalf("%v in %s", err, status)
		}
		return kilobytes << 10
	}
}
