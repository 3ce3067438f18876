package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"bootrc/test/machine"
)

// bootTimeout is far more than any boot takes; a machine that needs longer hangs.
const bootTimeout = time.Minute

// errStopped says that a machine stopped, or was stopped by bootTimeout, before its
// container's first instruction.
var errStopped = errors.New("the machine stopped before its container's first instruction")

// start boots a machine and follows its console until it stops. When that is too early,
// the error is errStopped, and there is a boot with its console all the same.
func start(ctx context.Context, hw machine.Hardware) (*boot, error) {
	b := &boot{}
	process := make(chan int, 1)
	hw.Output = &lines{begin: time.Now(), boot: b, process: process}
	m, err := machine.Start(hw, bootTimeout)
	if err != nil {
		return nil, err
	}
	process <- m.Process()
	stop := context.AfterFunc(ctx, m.Cut)
	defer stop()
	_, err = m.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case b.Init != 0 && b.First != 0:
		return b, nil
	case len(b.Console) == 0:
		return nil, err
	}
	return b, errStopped
}

// lines notes what a machine writes, line by line, with the time.
type lines struct {
	begin   time.Time
	boot    *boot
	process <-chan int // the number of QEMU's
	qemu    int
	half    []byte // of a line whose end has not come yet
}

func (l *lines) Write(p []byte) (int, error) {
	if l.qemu == 0 {
		l.qemu = <-l.process
	}
	l.half = append(l.half, p...)
	for {
		text, rest, ended := bytes.Cut(l.half, []byte("\n"))
		if !ended {
			return len(p), nil
		}
		l.boot.note(line{time.Since(l.begin), strings.TrimRight(string(text), "\r")}, l.qemu)
		l.half = rest
	}
}
