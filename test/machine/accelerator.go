package machine

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"
)

// kvmRuns reports whether KVM runs machines of this host's architecture. A /dev/kvm
// that opens is no sign of it: it may refuse a machine, or hang, so the smallest
// of machines has to run on it.
var kvmRuns = sync.OnceValue(func() bool {
	if _, err := os.Stat("/dev/kvm"); err != nil {
		return false
	}
	b, err := boardOf(runtime.GOARCH)
	return err == nil && b.runs("kvm")
})

// accelerator returns QEMU's options for what runs the CPUs: KVM where it works, else
// QEMU's own translator.
func (b board) accelerator(hw Hardware) []string {
	if b.arch == runtime.GOARCH && kvmRuns() {
		return []string{"-accel", "kvm", "-cpu", "max"}
	}
	threads := b.threads
	if hw.Threads {
		threads = "multi"
	}
	return []string{"-accel", "tcg,thread=" + threads, "-cpu", b.cpu}
}

// runs reports whether the smallest machine runs to its end. That takes some 0.2 s, and longer on a busy host.
func (b board) runs(accel string) bool {
	dir, err := os.MkdirTemp("", "accelerator")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "smallest")
	if os.WriteFile(file, b.smallest, 0o600) != nil {
		return false
	}
	start := slices.Clone(b.start)
	start[1] += file
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.qemu, append([]string{"-M", b.name, "-accel", accel, "-cpu", "max",
		"-nodefaults", "-display", "none", "-no-reboot", "-m", "16"}, start...)...)
	cmd.WaitDelay = time.Second
	return cmd.Run() == nil
}
