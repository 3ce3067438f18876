package oci

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"bootrc/kit/size"
	"bootrc/oci/store"
)

// withSpace calls write until there is room for what it writes, of which it returns
// a guess in bytes: images that were not used for long make room, until none is
// left that could.
func (f fetch) withSpace(ctx context.Context, write func() (int64, error)) error {
	for {
		need, err := write()
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
		made, rerr := f.store.MakeSpace(ctx, need, func(gone store.Removed) {
			f.progress.warn(fmt.Sprintf("the store is full: removed %s", describeRemoved(gone)))
		})
		if rerr != nil {
			return errors.Join(err, rerr)
		}
		if !made {
			return f.full(need, err)
		}
	}
}

// full says what did not fit.
func (f fetch) full(need int64, err error) error {
	free, ferr := f.store.Free()
	if ferr != nil {
		return errors.Join(err, ferr)
	}
	return fmt.Errorf("the store is full: about %s are needed, %s are free in %s, and no image is left that could go: %w",
		size.Text(need), size.Text(free), f.store.Root(), err)
}

// describeRemoved says which image made room.
func describeRemoved(gone store.Removed) string {
	return fmt.Sprintf("%s, last used %s", gone.Name, formatTime(gone.Used))
}
