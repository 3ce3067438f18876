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

// need is what something needs on the disk.
type need struct {
	atLeast, about store.Space

	// hadRoom tells that the disk was not full when it refused more.
	hadRoom bool
}

// blockSize is what file systems round up to, in bytes.
const blockSize = 4096

// needOf returns what a layer needs that did not fit.
func needOf(r layer.Report) need {
	return need{
		atLeast: store.Space{Bytes: r.Total},
		about:   store.Space{Bytes: r.Total + r.Files*blockSize, Files: r.Files},
		hadRoom: r.HadRoom,
	}
}

// withSpace calls write until there is room for what it writes: images that were not used
// for long make room, until none is left that could. Where all of them together would not
// make enough, none goes, nor where the disk is not full: ENOSPC is also what file systems
// say of an extended attribute that is too long, and of a quota.
func (f *fetch) withSpace(ctx context.Context, write func() (need, error)) error {
	lock := f.writing.RLocker()
	for {
		lock.Lock()
		need, err := write()
		lock.Unlock()
		switch {
		case !errors.Is(err, syscall.ENOSPC):
			return err
		case need.hadRoom && lock == &f.writing:
			return fmt.Errorf("%w, though the disk is not full: the file system has a limit for something else, or a quota", err)
		case need.hadRoom: // or another layer has failed and gone in between: once more, alone
			lock = &f.writing
			continue
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
	least := store.Space{Bytes: max(f.atLeast(), need.atLeast.Bytes), Files: need.about.Files}
	if !room.Holds(least) {
		return f.full(least, room, err)
	}
	made, rerr := f.store.MakeSpace(ctx, need.about, func(gone store.Removed) {
		f.progress.warn(fmt.Sprintf("the store is full: removed %s", describeRemoved(gone)))
	})
	if rerr != nil {
		return errors.Join(err, rerr)
	}
	if !made {
		return f.full(need.about, store.Space{}, err)
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
func (f *fetch) full(need, room store.Space, err error) error {
	free, ferr := f.store.Free()
	if ferr != nil {
		return errors.Join(err, ferr)
	}
	needed, there, could := size.Text(need.Bytes), size.Text(free.Bytes), size.Text(room.Bytes)
	if free.Bytes >= need.Bytes {
		needed, there, could = fmt.Sprint(need.Files, " files"), fmt.Sprint(free.Files, " more"), fmt.Sprint(room.Files)
	}
	hope := "no image is left that could go"
	if room.Bytes > free.Bytes || room.Files > free.Files {
		hope = fmt.Sprintf("no more than %s could be", could)
	}
	return fmt.Errorf("the store is full: about %s are needed, %s are free in %s, and %s: %w",
		needed, there, f.store.Root(), hope, err)
}

// describeRemoved says which image made room.
func describeRemoved(gone store.Removed) string {
	return fmt.Sprintf("%s, last used %s", gone.Name, formatTime(gone.Used))
}
