package boot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bootrc/kit/keys"
	"bootrc/kit/seconds"
	"bootrc/sh"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// keyLimit is how long a phase that failed waits for somebody who presses a key, where b2c.on_fail=shell does
// not say otherwise: nobody stands before a rack.
const keyLimit = 30 * time.Second

// onFail is what b2c.on_fail= asks for.
type onFail struct {
	shell bool
	wait  time.Duration // for a key; 0: for none
}

// parseOnFail reads shell[,SECONDS].
func parseOnFail(value string) (onFail, error) {
	if value == "" {
		return onFail{}, nil
	}
	what, limit, limited := strings.Cut(value, ",")
	wanted := onFail{shell: true, wait: keyLimit}
	var err error
	if limited {
		wanted.wait, err = seconds.Parse(limit)
	}
	if what != "shell" {
		err = errors.New("expected shell, or shell,SECONDS")
	}
	if err != nil {
		return onFail{}, fmt.Errorf("argument b2c.on_fail=%s: %w", value, err)
	}
	return wanted, nil
}

// mend opens a shell on a phase that failed, if the boot is to and somebody is there. It tells whether the phase
// has been mended.
func (b *boot) mend(ctx context.Context, p phase, err error) bool {
	if !b.onFail.shell || p.final() || b.failed {
		return false
	}
	if text := b.failedCommand(err); text != "" {
		b.out.Report("the command that failed: " + text)
	}
	if b.onFail.wait > 0 {
		b.out.Report(fmt.Sprintf("a key within %s opens a shell; without one the boot ends (b2c.on_fail)", b.onFail.wait))
		if !pressed(ctx, os.Stdin, b.onFail.wait) {
			return false
		}
	}
	b.out.Report("a shell on " + p.file + ", which failed: `again` runs it again and goes on with the boot; `exit` goes on if `phase` shows it as done, and else ends the boot")
	b.out.Report("`phase --edit " + p.name() + "` changes it, `phase --done " + p.name() + "` takes it for done; `help` lists the commands: dmesg, lspci, lsblk, ip, ping …")
	b.broken = p
	b.shell.Interactive(ctx)
	b.broken = phase{}
	if b.outcomes[p.file].state != done {
		return false
	}
	b.setResult(ctx, b.before) // a phase that failed may have set it
	return true
}

// failedCommand is the line of a hook in which it failed.
func (b *boot) failedCommand(err error) string {
	var failure *sh.Failure
	if !errors.As(err, &failure) || failure.Line == 0 {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(b.folder, failure.Name))
	lines := strings.Split(string(text), "\n")
	if err != nil || int(failure.Line) > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[failure.Line-1])
}

// pressed waits for a key on a terminal, and takes it. Without a terminal there is nobody.
func pressed(ctx context.Context, terminal *os.File, limit time.Duration) bool {
	fd := int(terminal.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return false
	}
	defer term.Restore(fd, before)
	for end := time.Now().Add(limit); time.Now().Before(end) && ctx.Err() == nil; {
		if keys.Wait(fd, 100*time.Millisecond) {
			n, err := unix.Read(fd, make([]byte, 64))
			return err == nil && n > 0
		}
	}
	return false
}
