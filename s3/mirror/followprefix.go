package mirror

import (
	"context"
	"hash/maphash"
	"time"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
	"bootrc/s3/tree"
)

// pollTime is how often a store is asked what has changed, at most: a listing is
// to take no more than a tenth of the time.
const pollTime = 5 * time.Second

// FollowPrefix downloads a prefix, and then its changes, until stop is closed
// and one last look was taken. Only what changes in the store is followed: a
// file that is newer than its object, or that the store never had, stays, since
// it may be on its way there. Where ctx ends, it ends at once.
func FollowPrefix(ctx context.Context, stop <-chan struct{}, src *remote.Prefix, dst *folder.Folder, o Options) (Result, error) {
	f := newFollower(src, dst, o)
	if _, err := f.look(ctx); err != nil { // before the first pass, to miss nothing
		return Result{}, err
	}
	first, err := Download(ctx, src, dst, o)
	return f.goOn(ctx, stop, first, err)
}

// AwaitPrefix is FollowPrefix for a bucket that is not there yet. All that it has one day
// is a change; what the folder has by then is on its way there. A bucket that never comes
// is no error.
func AwaitPrefix(ctx context.Context, stop <-chan struct{}, src *remote.Prefix, dst *folder.Folder, o Options) (Result, error) {
	f := newFollower(src, dst, o)
	for {
		stopped := f.wait(ctx, stop)
		exists, err := src.BucketExists(ctx, src.Bucket)
		if err == nil && exists {
			break
		}
		if stopped {
			return Result{}, err
		}
		if err != nil {
			f.report(err)
		}
	}
	first, err := f.follow(ctx)
	return f.goOn(ctx, stop, first, err)
}

// goOn follows changes after the first pass.
func (f *follower) goOn(ctx context.Context, stop <-chan struct{}, total Result, err error) (Result, error) {
	for err == nil || ctx.Err() == nil {
		stopped := f.wait(ctx, stop)
		var result Result
		result, err = f.follow(ctx)
		total.add(result)
		total.Failed, total.Failures = result.Failed, result.Failures
		if stopped {
			break
		}
		if err != nil {
			f.report(err)
		}
	}
	return total, err
}

// version is an object as it was listed: a hash tells one state from another.
type version struct {
	name string
	hash uint64
}

type follower struct {
	src     *remote.Prefix
	dst     *folder.Folder
	options Options
	seed    maphash.Seed
	known   []version // in the order of names
	took    time.Duration
	failed  []folder.Change // to be tried again
}

func newFollower(src *remote.Prefix, dst *folder.Folder, o Options) *follower {
	return &follower{src: src, dst: dst, options: o, seed: maphash.MakeSeed()}
}

// wait waits for the time of the next look, and tells whether it is the last.
func (f *follower) wait(ctx context.Context, stop <-chan struct{}) bool {
	select {
	case <-time.After(max(pollTime, 10*f.took)):
		return false
	case <-stop:
	case <-ctx.Done():
	}
	return true
}

func (f *follower) report(err error) {
	if f.options.Report != nil {
		f.options.Report(Event{Action: Failed, Err: err})
	}
}

// follow downloads what has changed since the last look.
func (f *follower) follow(ctx context.Context) (Result, error) {
	known := f.known
	changes, err := f.look(ctx)
	if err != nil {
		return Result{}, err
	}
	changes = append(changes, f.failed...)
	f.failed = nil
	if len(changes) == 0 {
		return Result{}, nil
	}
	r, err := newDownload(f.src, f.dst, f.retrying())
	if err != nil {
		f.known = known
		return Result{}, err
	}
	r.follows = true
	result, err := r.pass(ctx, changes)
	if err != nil {
		f.known = known // all of it again
	}
	return result, err
}

// retrying returns the options, with an ear for what fails.
func (f *follower) retrying() Options {
	o := f.options
	report := o.Report
	o.Report = func(e Event) {
		if e.Action == Failed {
			f.failed = append(f.failed, folder.Change{Name: e.Entry.Name})
		}
		if report != nil {
			report(e)
		}
	}
	return o
}

// look lists the store, and returns what differs from the last time.
func (f *follower) look(ctx context.Context) ([]folder.Change, error) {
	begun := time.Now()
	var now []version
	var changes []folder.Change
	i := 0
	for e, err := range f.src.List(ctx, remote.Range{}) {
		if err != nil {
			return nil, err
		}
		v := version{e.Name, f.hash(&e)}
		now = append(now, v)
		for ; i < len(f.known) && f.known[i].name < v.name; i++ {
			changes = append(changes, folder.Change{Name: f.known[i].name})
		}
		if i < len(f.known) && f.known[i].name == v.name {
			if f.known[i] != v {
				changes = append(changes, folder.Change{Name: v.name})
			}
			i++
			continue
		}
		changes = append(changes, folder.Change{Name: v.name})
	}
	for ; i < len(f.known); i++ {
		changes = append(changes, folder.Change{Name: f.known[i].name})
	}
	f.known, f.took = now, time.Since(begun)
	return changes, nil
}

func (f *follower) hash(e *tree.Entry) uint64 {
	var h maphash.Hash
	h.SetSeed(f.seed)
	h.WriteString(e.ETag)
	h.WriteString(e.Modified.String())
	return h.Sum64()
}
