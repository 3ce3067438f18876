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

	"golang.org/x/sys/unix"
)

// direction is how entries get from one side to the other.
type direction interface {
	// list lists both sides below a folder, and stat looks at one name.
	list(ctx context.Context, below string) (src, dst tree.Seq)
	stat(ctx context.Context, name string) (pair, error)
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
var errSkip = errors.New("skipped")

// run is one pass over both sides.
type run struct {
	Options
	direction direction
	follows   bool // newer files of the destination stay

	reports sync.Mutex // one report at a time
	mu      sync.Mutex
	result  Result
	extra   []string        // what only the destination has
	later   []tree.Entry    // what needs others to be in place
	blocked []folder.Change // what something that will be removed is in the way of
	removed bool            // it has been
}

// Upload makes a prefix like a folder.
func Upload(ctx context.Context, src *folder.Folder, dst *remote.Prefix, o Options) (Result, error) {
	r := newUpload(src, dst, o)
	return r.pass(ctx, []folder.Change{{Below: true}})
}

func newUpload(src *folder.Folder, dst *remote.Prefix, o Options) *run {
	r := newRun(o)
	r.direction = &upload{run: r, src: src, dst: dst}
	r.tellMetadata(dst)
	return r
}

// tellMetadata asks for metadata in listings where every entry's are needed.
func (r *run) tellMetadata(p *remote.Prefix) {
	if r.Preserve || !r.Filter.NewerThan.IsZero() || !r.Filter.OlderThan.IsZero() {
		p.WantMetadata()
	}
}

// Download makes a folder like a prefix.
func Download(ctx context.Context, src *remote.Prefix, dst *folder.Folder, o Options) (Result, error) {
	r, err := newDownload(src, dst, o)
	if err != nil {
		return Result{}, err
	}
	return r.pass(ctx, []folder.Change{{Below: true}})
}

func newDownload(src *remote.Prefix, dst *folder.Folder, o Options) (*run, error) {
	r := newRun(o)
	d := &download{run: r, src: src, dst: dst}
	r.direction = d
	r.tellMetadata(src)
	if o.DryRun {
		return r, nil
	}
	stage, err := folder.NewStage(dst, d.placed, r.failed)
	d.stage = stage
	return r, err
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

// pass looks at some names, or at all, and makes them equal. Its error is what
// kept it from looking at something; the result's failures are what is missing
// nevertheless.
func (r *run) pass(ctx context.Context, changes []folder.Change) (Result, error) {
	err := r.copyAll(ctx, changes)
	err = errors.Join(err, r.direction.settle())
	if err == nil {
		err = r.copyLater(ctx)
	}
	if err == nil && r.Remove && ctx.Err() == nil {
		slices.Sort(r.extra)
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
			r.count(Event{Skipped, src, err})
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
		r.reports.Lock()
		defer r.reports.Unlock()
		r.Report(e)
	}
}

func (r *run) failed(name string, err error) {
	if errors.Is(err, context.Canceled) {
		return // the pass as a whole says so
	}
	if r.Overwrite && r.Remove && !r.removed && inTheWay(err) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.blocked = append(r.blocked, folder.Change{Name: name})
		return
	}
	r.count(Event{Failed, tree.Entry{Name: name}, fmt.Errorf("%q: %w", name, err)})
}

// inTheWay tells that a file stands where a folder is wanted, or the reverse.
func inTheWay(err error) bool {
	for _, errno := range []error{unix.ENOTDIR, unix.EISDIR, unix.ELOOP, unix.EEXIST} {
		if errors.Is(err, errno) {
			return true
		}
	}
	for _, code := range []string{
		"ObjectParentIsFile", "ExistingObjectIsDirectory", // versitygw's
		"XMinioParentIsObject", "XMinioObjectExistsAsDirectory", // MinIO's
	} {
		if remote.HasCode(err, code) {
			return true
		}
	}
	return false
}
