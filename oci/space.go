package oci

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"bootrc/kit/size"
	"bootrc/oci/layer"
	"bootrc/oci/store"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// need is how many bytes something needs on the disk.
type need struct{ atLeast, about int64 }

// blockSize is what file systems round up to, in bytes.
const blockSize = 4096

// needOf returns what a layer needs that did not fit.
func needOf(report layer.Report) need {
	return need{report.Total, report.Total + int64(report.Entries)*blockSize}
}

// withSpace calls write until there is room for what it writes: images that were not used
// for long make room, until none is left that could. Where all of them together would not
// make enough, none goes.
func (f *fetch) withSpace(ctx context.Context, write func() (need, error)) error {
	for {
		f.writing.RLock()
		need, err := write()
		f.writing.RUnlock()
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
		if err := f.makeSpace(ctx, need, err); err != nil {
			return err
		}
	}
}

// makeSpace makes room after an error that is ENOSPC. It waits for the other layers, whose
// halves would be counted as what is there and as what is to come.
func (f *fetch) makeSpace(ctx context.Context, need need, err error) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	room, rerr := f.store.Room(ctx)
	if rerr != nil {
		return errors.Join(err, rerr)
	}
	if least := max(f.atLeast(), need.atLeast); least > room {
		return f.full(least, room, err)
	}
	made, rerr := f.store.MakeSpace(ctx, need.about, func(gone store.Removed) {
		f.progress.warn(fmt.Sprintf("the store is full: removed %s", describeRemoved(gone)))
	})
	if rerr != nil {
		return errors.Join(err, rerr)
	}
	if !made {
		return f.full(need.about, 0, err)
	}
	return nil
}

// atLeast returns how many bytes are still to be unpacked at the least: hardly less than
// they are compressed, unless files have no content at all.
func (f *fetch) atLeast() (bytes int64) {
	seen := make(map[v1.Hash]bool)
	for i, d := range f.list {
		if diffID := f.diffIDs[i]; !seen[diffID] && !f.store.HasLayer(diffID) {
			bytes += d.Size / 10 * 9
			seen[diffID] = true
		}
	}
	return bytes
}

// full says what did not fit, and what would be free if all images went that could.
func (f *fetch) full(need, room int64, err error) error {
	free, ferr := f.store.Free()
	if ferr != nil {
		return errors.Join(err, ferr)
	}
	hope := "no image is left that could go"
	if room > free {
		hope = fmt.Sprintf("no more than %s could be", size.Text(room))
	}
	return fmt.Errorf("the store is full: about %s are needed, %s are free in %s, and %s: %w",
		size.Text(need), size.Text(free), f.store.Root(), hope, err)
}

// describeRemoved says which image made room.
func describeRemoved(gone store.Removed) string {
	return fmt.Sprintf("%s, last used %s", gone.Name, formatTime(gone.Used))
}
