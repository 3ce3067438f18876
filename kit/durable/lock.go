// Package durable changes folders that several processes use, and that a power cut
// must leave whole.
//
// What is made grows in a workspace, is synced, and gets its place by a rename.
// Whoever works in a folder, or relies on it, holds a lock on it, which ends with
// the process: what is not locked may be swept away.
package durable

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lockShared    = unix.LOCK_SH
	lockExclusive = unix.LOCK_EX
)

// Lock takes an exclusive lock on a file, which it makes if there is no such file, as
// soon as nobody else holds it. Closing the file releases it, as does the end of the
// process.
func Lock(ctx context.Context, path string) (*os.File, error) {
	NeedRoom(path)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(ctx, f, lockExclusive); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Hold takes a shared lock on a folder, so that nobody removes it; nil where it
// is not there, or not any more.
func Hold(ctx context.Context, dir string) (*os.File, error) {
	f, err := openFolder(dir)
	if f == nil {
		return nil, err
	}
	if err := flock(ctx, f, lockShared); err != nil {
		f.Close()
		return nil, err
	}
	if !isStill(f, dir) {
		f.Close()
		return nil, nil
	}
	return f, nil
}

// HoldAlone takes an exclusive lock on a folder; nil where others hold it, or
// it is not there.
func HoldAlone(dir string) (*os.File, error) {
	f, err := openFolder(dir)
	if f == nil {
		return nil, err
	}
	free, err := tryLock(f, lockExclusive)
	if err != nil || !free || !isStill(f, dir) {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Make makes a folder and takes a shared lock on it. Where there is one of that
// path, the error wraps fs.ErrExist.
func Make(ctx context.Context, dir string) (*os.File, error) {
	NeedRoom(dir)
	for {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, err
		}
		f, err := Hold(ctx, dir)
		if f != nil || err != nil {
			return f, err
		}
		// it was swept away before it was locked
	}
}

// claim takes an exclusive lock on what open opens or makes at a path. Whoever had it before
// may have taken it away: then claim opens it anew.
func claim(ctx context.Context, open func() (*os.File, error)) (*os.File, error) {
	for {
		f, err := open()
		if err != nil {
			return nil, err
		}
		if err := flock(ctx, f, lockExclusive); err != nil {
			f.Close()
			return nil, err
		}
		if isStill(f, f.Name()) {
			return f, nil
		}
		f.Close()
	}
}

// openFolder opens a folder; nil if it does not exist.
func openFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil, nil
	}
	return f, err
}

// isStill tells whether the open folder is the one of that path.
func isStill(f *os.File, path string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(mine, there)
}

// flock locks f. It asks again and again, because a flock(2) that waits cannot
// be told to stop.
func flock(ctx context.Context, f *os.File, how int) error {
	pause := time.Millisecond
	for {
		ok, err := tryLock(f, how)
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("lock %s, which another holds: %w", f.Name(), ctx.Err())
		case <-time.After(pause):
		}
		pause = min(2*pause, 100*time.Millisecond)
	}
}

// tryLock is flock, but for false where another holds the lock.
func tryLock(f *os.File, how int) (bool, error) {
	for {
		switch err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB); err {
		case nil:
			return true, nil
		case unix.EINTR:
		case unix.EWOULDBLOCK:
			return false, nil
		default:
			return false, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
	}
}
