package oci

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"bootrc/kit/meter"
	"bootrc/oci/store"
)

// withRoom calls write until there is room for what it writes, of which it returns
// a guess in bytes: images that were not used for long make room, until none is
// left that could.
func (f fetch) withRoom(ctx context.Context, write func() (int64, error)) error {
	for {
		need, err := write()
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
		made, rerr := f.store.MakeRoom(ctx, need, func(gone store.Removed) {
			f.progress.warn(fmt.Sprintf("the store is full: removed %s", shownRemoved(gone)))
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
		meter.Size(need), meter.Size(free), f.store.Root(), err)
}

// shownRemoved says which image made room.
func shownRemoved(gone store.Removed) string {
	return fmt.Sprintf("%s, last used %s", gone.Name, shownTime(gone.Used))
}
