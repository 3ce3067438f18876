package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
	"bootrc/s3/tree"
)

// direction is how entries get from one side to the other.
type direction interface {
	list(ctx context.Context) (src, dst tree.Seq)
	// prepare says how an entry is to be copied, or why it is not.
	prepare(e *tree.Entry) error
	compare(ctx context.Context, src, dst *tree.Entry) (verdict, error)
	copy(ctx context.Context, src tree.Entry, v verdict) error
	// settle puts in place what was copied so far.
	settle() error
	remove(ctx context.Context, names []string)
	// close does what comes last.
	close() error
}

// verdict is how an entry compares with the one that it would replace.
type verdict uint8

const (
	missing verdict = iota
	differs
	attributesDiffer
	equal
)

// errSkip is an entry that is nothing to be copied.
var errSkip = errors.New("is no regular file")

// run is one pass over both sides.
type run struct {
	Options
	direction direction

	mu     sync.Mutex
	result Result
	extra  []string     // what only the destination has
	later  []tree.Entry // what needs others to be in place
}

// Upload makes a prefix like a folder.
func Upload(ctx context.Context, src *folder.Folder, dst *remote.Prefix, o Options) (Result, error) {
	r := newRun(o)
	r.direction = &upload{run: r, src: src, dst: dst}
	return r.all(ctx)
}

// Download makes a folder like a prefix.
func Download(ctx context.Context, src *remote.Prefix, dst *folder.Folder, o Options) (Result, error) {
	r := newRun(o)
	d := &download{run: r, src: src, dst: dst}
	if !o.DryRun {
		stage, err := folder.NewStage(dst, d.placed, r.failed)
		if err != nil {
			return Result{}, err
		}
		d.stage = stage
	}
	r.direction = d
	return r.all(ctx)
}

func newRun(o Options) *run {
	if o.Report == nil {
		o.Report = func(Event) {}
	}
	if o.Moved == nil {
		o.Moved = func(int64) {}
	}
	o.Concurrency = max(o.Concurrency, 1)
	return &run{Options: o}
}

// all makes the pass. Its error is what kept it from looking at everything; the
// result's failures are what is missing nevertheless.
func (r *run) all(ctx context.Context) (Result, error) {
	err := r.copyAll(ctx)
	err = errors.Join(err, r.direction.settle())
	if err == nil {
		err = r.copyLater(ctx)
	}
	if err == nil && r.Remove && ctx.Err() == nil {
		r.direction.remove(ctx, r.extra)
	}
	err = errors.Join(err, r.direction.close())
	if err == nil {
		err = context.Cause(ctx)
	}
	return r.result, err
}

// copyAll compares and copies, with the listings and the copies side by side.
func (r *run) copyAll(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	src, dst := r.direction.list(ctx)
	pairs := make(chan pair, 4*r.Concurrency)
	var workers sync.WaitGroup
	for range r.Concurrency {
		workers.Go(func() {
			for p := range pairs {
				if ctx.Err() == nil {
					r.do(ctx, p)
				}
			}
		})
	}
	var state listings
	for p := range merge(src, dst, &state) {
		if ctx.Err() != nil {
			break
		}
		if !r.Filter.admits(p.src) || !r.Filter.admits(p.dst) {
			continue
		}
		if p.src == nil {
			r.extra = append(r.extra, p.name)
			continue
		}
		pairs <- p
	}
	close(pairs)
	workers.Wait()
	return errors.Join(append(slices.Clip(state.srcErrs), state.dstErr)...)
}

// do brings one entry over, if it has to be.
func (r *run) do(ctx context.Context, p pair) {
	src := *p.src
	if err := r.direction.prepare(&src); err != nil {
		if errors.Is(err, errSkip) {
			r.count(Event{Skipped, src, err})
		} else {
			r.failed(src.Name, err)
		}
		return
	}
	v, err := r.direction.compare(ctx, &src, p.dst)
	switch {
	case err != nil:
		r.failed(src.Name, err)
	case v == equal:
		r.count(Event{Action: equalAction})
	case v == differs && !r.Overwrite && src.Kind != tree.Folder:
		r.count(Event{Action: Kept, Entry: src})
	case r.DryRun:
		r.count(Event{Action: Copied, Entry: src})
	case src.Kind == tree.HardLink:
		r.postpone(src)
	default:
		r.copy(ctx, src, v)
	}
}

func (r *run) copy(ctx context.Context, src tree.Entry, v verdict) {
	if err := r.direction.copy(ctx, src, v); err != nil {
		r.failed(src.Name, err)
	}
}

func (r *run) postpone(e tree.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.later = append(r.later, e)
}

// copyLater brings over the other names of files that are in place by now.
func (r *run) copyLater(ctx context.Context) error {
	for _, e := range r.later {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.copy(ctx, e, differs)
	}
	return nil
}

// equalAction is counted, and not reported.
const equalAction Action = 255

func (r *run) count(e Event) {
	r.mu.Lock()
	switch e.Action {
	case Copied:
		r.result.Copied++
		r.result.Bytes += e.Entry.Size
	case Removed:
		r.result.Removed++
	case Kept:
		r.result.Kept++
	case Skipped:
		r.result.Skipped++
	case equalAction:
		r.result.Equal++
	case Failed:
		r.result.Failed++
		if len(r.result.Failures) < maxFailures {
			r.result.Failures = append(r.result.Failures, e.Err)
		}
	}
	r.mu.Unlock()
	if e.Action != equalAction {
		r.Report(e)
	}
}

func (r *run) failed(name string, err error) {
	r.count(Event{Failed, tree.Entry{Name: name}, fmt.Errorf("%q: %w", name, err)})
}
