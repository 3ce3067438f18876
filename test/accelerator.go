package test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// restart is a boot sector whose first instructions ask the keyboard
// controller for a reset: mov al, 0xfe; out 0x64, al; hlt.
var restart = [512]byte{0: 0xb0, 1: 0xfe, 2: 0xe6, 3: 0x64, 4: 0xf4, 510: 0x55, 511: 0xaa}

// accelerator returns what QEMU is to run machines with: KVM where it works,
// else its own translator. A /dev/kvm that opens is no sign that it works: it
// may refuse a machine, or hang, so the smallest of machines has to run on it.
//
// The translator has one thread for both CPUs. With two, one CPU can still run
// into a breakpoint that the kernel, on the other, has already patched away
// again, which ends about one boot in fifty with "Oops: int3" long before /init.
var accelerator = sync.OnceValue(func() string {
	if runs("kvm") {
		return "kvm"
	}
	return "tcg,thread=single"
})

// runs reports whether a machine gets as far as its boot sector's instructions.
func runs(accel string) bool {
	dir, err := os.MkdirTemp("", "accelerator")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	disk := filepath.Join(dir, "disk")
	if os.WriteFile(disk, restart[:], 0o600) != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", "-accel", accel, "-cpu", "max",
		"-nodefaults", "-display", "none", "-no-reboot", "-m", "16",
		"-drive", "if=ide,format=raw,snapshot=on,file="+disk)
	cmd.WaitDelay = time.Second
	return cmd.Run() == nil
}
