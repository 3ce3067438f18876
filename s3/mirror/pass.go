package mirror

import (
	"context"
	"errors"
	"slices"
	"sync"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
	"bootrc/s3/tree"
)

// pass looks at some names, or at all, and makes them equal. Its error is what
// kept it from looking at something; the result's failures are what is missing
// nevertheless.
func (r *run) pass(ctx context.Context, changes []folder.Change) (Result, error) {
	err := r.copyAll(ctx, changes)
	if errors.Is(err, remote.ErrRelist) {
		r.extra, r.later, r.blocked, r.refused, r.result.Failed, r.result.Failures = nil, nil, nil, nil, 0, nil
		err = r.copyAll(ctx, changes)
	}
	err = errors.Join(err, r.direction.settle())
	if err == nil {
		err = r.copyLater(ctx)
	}
	slices.Sort(r.extra)
	r.judgeRefused()
	if err == nil && r.Remove && ctx.Err() == nil {
		r.direction.remove(ctx, r.extra)
		r.removed = true
		err = r.copyBlocked(ctx)
	}
	err = errors.Join(err, r.direction.close())
	if err == nil {
		err = context.Cause(ctx)
	}
	return r.result, err
}

// copyBlocked copies what was in the way of what has been removed by now: a file
// where there is to be a folder, or a folder where there is to be a file.
func (r *run) copyBlocked(ctx context.Context) error {
	if len(r.blocked) == 0 {
		return nil
	}
	r.later = nil
	return errors.Join(r.copyAll(ctx, r.blocked), r.direction.settle(), r.copyLater(ctx))
}

// copyAll compares and copies, with the listings and the copies side by side.
func (r *run) copyAll(ctx context.Context, changes []folder.Change) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
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
	var errs []error
	for _, c := range changes {
		if err := r.find(ctx, c, pairs); err != nil {
			errs = append(errs, err)
		}
	}
	close(pairs)
	workers.Wait()
	return errors.Join(errs...)
}

// find passes on what both sides have of a name, and below it.
func (r *run) find(ctx context.Context, c folder.Change, pairs chan<- pair) error {
	if !c.Below {
		pairs <- pair{name: c.Name, unseen: true}
		return nil
	}
	var state listings
	src, dst := r.direction.list(ctx, c.Name)
	for p := range merge(src, dst, &state) {
		if ctx.Err() != nil {
			break
		}
		r.admit(p, pairs)
	}
	return errors.Join(append(slices.Clip(state.srcErrs), state.dstErr)...)
}

// admit passes a pair on, unless it is left out, or there is nothing to do.
func (r *run) admit(p pair, pairs chan<- pair) {
	src, dst := r.Filter.admits(p.src), r.Filter.admits(p.dst)
	switch {
	case src == no || dst == no:
	case p.src == nil && dst == yes:
		r.addExtra(p.name)
	default:
		pairs <- p
	}
}

func (r *run) addExtra(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.extra = append(r.extra, name)
}

// admitsNow looks at what no listing has told yet, or not all that the filter asks.
func (r *run) admitsNow(ctx context.Context, p *pair) (bool, error) {
	if !p.unseen && r.Filter.admits(p.src) == yes && r.Filter.admits(p.dst) == yes {
		return true, nil
	}
	again, err := r.direction.stat(ctx, p.name)
	if err != nil {
		return false, err
	}
	*p = again
	if p.src == nil && p.dst == nil {
		return false, nil
	}
	return r.Filter.admits(p.src) != no && r.Filter.admits(p.dst) != no, nil
}

// do brings one entry over, if it has to be.
func (r *run) do(ctx context.Context, p pair) {
	switch admitted, err := r.admitsNow(ctx, &p); {
	case err != nil:
		r.failed(p.name, err)
		return
	case !admitted:
		return
	case p.src == nil:
		r.addExtra(p.name)
		return
	}
	src := *p.src
	if err := r.direction.prepare(&src); err != nil {
		if errors.Is(err, errSkip) {
			r.count(Event{Action: Skipped, Entry: src, Err: err})
		} else {
			r.failed(src.Name, err)
		}
		return
	}
	v, err := r.direction.compare(ctx, &src, p.dst)
	if v == differs && r.follows && p.dst.Attributes.Mtime.After(src.Attributes.Mtime) {
		v = equal
	}
	switch {
	case err != nil:
		r.failed(src.Name, err)
	case v == equal:
		if src.Kind != tree.Folder {
			r.count(Event{Action: equalAction})
		}
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
