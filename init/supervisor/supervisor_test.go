package supervisor

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// What ended the boot is said in words that a person can look up.
func TestDescribe(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{"exit 0", "the boot ended without powering off"},
		{"exit 2", "the boot died with exit status 2"},
		{"kill -KILL $$", "the boot was killed by signal 9 (killed)"},
	} {
		cmd := exec.Command("sh", "-c", tt.script)
		cmd.Run()
		if got := describe(cmd.ProcessState.Sys().(syscall.WaitStatus)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.script, got, tt.want)
		}
	}
}

// A process that is not the machine's PID 1 must stay what it is.
func TestNotInit(t *testing.T) {
	if IsBoot() || os.Getpid() == 1 {
		t.Error("the test program takes itself for the boot")
	}
}

func TestPassOn(t *testing.T) {
	for _, tt := range []struct{ told, asked syscall.Signal }{
		{syscall.SIGINT, RebootSignal},
		{syscall.SIGTERM, PowerOffSignal},
		{syscall.SIGPWR, PowerOffSignal},
	} {
		boot := exec.Command("sleep", "60")
		if err := boot.Start(); err != nil {
			t.Fatal(err)
		}
		signals := make(chan os.Signal, 1)
		signals <- tt.told
		close(signals)
		passOn(signals, boot.Process.Pid)
		boot.Wait()
		if got := boot.ProcessState.Sys().(syscall.WaitStatus).Signal(); got != tt.asked {
			t.Errorf("told %v, the boot is asked by %v, want %v", tt.told, got, tt.asked)
		}
	}
}
