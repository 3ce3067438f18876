package boot

import (
	"context"
	"fmt"
	"time"

	"bootrc/init/lastboot"
	"bootrc/sh"
)

// stuckLimit is how long a hook may take to end after it was told to: a container
// gets ten seconds for its end, and a system call may never return.
const stuckLimit = 30 * time.Second

// runWithin runs a hook. One that does not end when ctx does, and after some patience, because a system call of
// a command never returns, is left behind with its shell: the boot goes on in a new one,
// which knows the arguments and the result, but not what earlier hooks have defined.
func (b *boot) runWithin(ctx context.Context, script *sh.Script, o sh.Options, patience time.Duration) error {
	before := b.result()
	done := make(chan error, 1)
	go func() { done <- b.shell.RunScript(ctx, script, o) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	// it may be the console that keeps the hook
	b.out.Free()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
	}
	fresh, err := b.newShell(before)
	if err != nil {
		return fmt.Errorf("a shell in place of the one that hangs: %w", err)
	}
	b.shell = fresh
	b.out.Error(fmt.Sprintf("the hook still hangs %s after it was told to end: it is left behind", patience))
	return ctx.Err()
}

// result is the boot's result as the hooks have left it.
func (b *boot) result() result {
	r := make(result)
	for name := range firstResult {
		r[name] = b.shell.Get(name)
	}
	return r
}

func (b *boot) setResult(ctx context.Context, r result) {
	var all []string
	for name, value := range r {
		all = append(all, name, value)
	}
	b.shell.Set(ctx, all...)
}

// late ends a phase that took too long, and with it the boot.
func (b *boot) late(ctx context.Context, p phase, why error) {
	b.note(ctx, func(d *lastboot.Diary) error { return d.End(why.Error()) })
	b.fail(ctx, p.file, statusLate, why)
}
