package mirror

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
)

const (
	// settleTime is how long a change waits for others. If something changes all the
	// time, settleLimit ends the wait.
	settleTime  = 200 * time.Millisecond
	settleLimit = 10 * time.Second
	// retryTime is when what has failed is tried again.
	retryTime = 10 * time.Second
)

// FollowFolder uploads a folder, and then its changes as they come, until stop is
// closed. Then it uploads what has changed since, in one last pass over
// everything: its result and its error tell whether all has arrived. Where ctx
// ends, it ends at once.
func FollowFolder(ctx context.Context, stop <-chan struct{}, src *folder.Folder, dst *remote.Prefix, o Options) (Result, error) {
	if o.Report == nil {
		o.Report = func(Event) {}
	}
	changes := newChanges()
	watch, err := src.Watch(changes.add)
	if err != nil {
		return Result{}, err
	}
	var total Result
	changes.add(folder.Change{Below: true})
	for {
		batch := changes.next(ctx, stop)
		if batch == nil {
			break
		}
		total.add(uploadChanges(ctx, src, dst, o, batch, changes))
	}
	watchErr := watch.Close()
	if ctx.Err() != nil {
		return total, context.Cause(ctx)
	}
	last, err := Upload(ctx, src, dst, o)
	total.add(last)
	total.Failed, total.Failures = last.Failed, last.Failures
	if err == nil && watchErr != nil {
		o.Report(Event{Action: Skipped, Err: watchErr}) // the last pass did without it
	}
	return total, err
}

// uploadChanges uploads a batch. What fails is tried again later: only the last
// pass has the last word.
func uploadChanges(ctx context.Context, src *folder.Folder, dst *remote.Prefix, o Options, batch []folder.Change, changes *changes) Result {
	report := o.Report
	o.Report = func(e Event) {
		if e.Action == Failed {
			changes.addLater(folder.Change{Name: e.Entry.Name})
		}
		report(e)
	}
	r := newUpload(src, dst, o)
	result, err := r.pass(ctx, batch)
	if err != nil && ctx.Err() == nil {
		report(Event{Action: Failed, Err: err})
		for _, c := range batch {
			changes.addLater(c)
		}
	}
	return result
}

func (r *Result) add(other Result) {
	r.Copied += other.Copied
	r.Removed += other.Removed
	r.Bytes += other.Bytes
	r.Kept, r.Skipped, r.Equal, r.Changing = other.Kept, other.Skipped, other.Equal, other.Changing
}

// changes gathers changes until they have settled.
type changes struct {
	mu    sync.Mutex
	names map[string]bool // with what is below, or without
	first time.Time
	last  time.Time
	woken chan struct{}
}

func newChanges() *changes {
	return &changes{names: make(map[string]bool), woken: make(chan struct{}, 1)}
}

func (c *changes) add(change folder.Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = time.Now()
	if len(c.names) == 0 {
		c.first = c.last
	}
	c.names[change.Name] = c.names[change.Name] || change.Below
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

func (c *changes) addLater(change folder.Change) {
	time.AfterFunc(retryTime, func() { c.add(change) })
}

// next waits for changes that have settled: nil when it is to stop.
func (c *changes) next(ctx context.Context, stop <-chan struct{}) []folder.Change {
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-stop:
			return nil
		case <-c.woken:
		case <-settled:
		}
		batch, wait := c.take()
		if batch != nil {
			return batch
		}
		settled = time.After(wait)
	}
}

// take returns what has settled, or how long to wait.
func (c *changes) take() ([]folder.Change, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.names) == 0 {
		return nil, time.Hour
	}
	now := time.Now()
	wait := min(c.last.Add(settleTime).Sub(now), c.first.Add(settleLimit).Sub(now))
	if wait > 0 {
		return nil, wait
	}
	names := c.names
	c.names = make(map[string]bool)
	return withoutCovered(names), 0
}

// withoutCovered leaves out what lies below a folder that is looked through.
func withoutCovered(names map[string]bool) []folder.Change {
	var batch []folder.Change
	covered := func(name string) bool {
		n := len(batch)
		return n > 0 && batch[n-1].Below && strings.HasPrefix(name, batch[n-1].Name)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !covered(name) {
			batch = append(batch, folder.Change{Name: name, Below: names[name]})
		}
	}
	return batch
}
