package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// bootTimeout is far more than any boot takes; a machine that needs longer hangs.
const bootTimeout = time.Minute

// A machine is a virtual one, of two emulated processors.
type machine struct {
	Kernel    string // a bzImage
	Initramfs string // as the kernel takes it
	Args      string // added to the kernel's command line
	MiB       int    // of memory
	Disk      string // the file of its disk, or ""
}

// errStopped says that a machine stopped, or was stopped by bootTimeout, before its
// container's first instruction.
var errStopped = errors.New("the machine stopped before its container's first instruction")

// start boots the machine and follows its console until it stops. When that is too early,
// the error is errStopped, and there is a boot with its console all the same.
func (m machine) start(ctx context.Context) (*boot, error) {
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()

	// the line "Run /init as init process" has the kernel's level 6
	args := "console=ttyS0 loglevel=7 panic=-1 " + m.Args
	qemu := exec.CommandContext(ctx, "qemu-system-x86_64",
		"-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", strconv.Itoa(m.MiB),
		"-nographic", "-no-reboot", "-nic", "user,model=virtio-net-pci",
		"-kernel", m.Kernel, "-initrd", m.Initramfs, "-append", args)
	if m.Disk != "" {
		qemu.Args = append(qemu.Args, "-drive", "if=virtio,format=raw,file="+m.Disk)
	}
	qemu.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var complaint bytes.Buffer
	qemu.Stderr = &complaint
	output, err := qemu.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := qemu.Start(); err != nil {
		return nil, err
	}

	b := &boot{}
	for s := bufio.NewScanner(output); s.Scan(); {
		b.note(line{time.Since(begin), strings.TrimRight(s.Text(), "\r")}, qemu.Process.Pid)
	}
	err = qemu.Wait()
	switch {
	case b.Init != 0 && b.First != 0:
		return b, nil
	case len(b.Console) == 0 || ctx.Err() == context.Canceled:
		return nil, fmt.Errorf("qemu-system-x86_64: %w: %s", errors.Join(ctx.Err(), err), bytes.TrimSpace(complaint.Bytes()))
	}
	return b, errStopped
}
