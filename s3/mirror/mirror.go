package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// errSkip is an entry that is not to be copied.
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
	refused []Event         // failures that may turn out to be such
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

// equalAction is counted, and not reported.
const equalAction Action = 255

func (r *run) count(e Event) {
	r.mu.Lock()
	switch e.Action {
	case Copied:
		r.result.Copied++
		r.result.Bytes += e.Entry.Size
		if e.Changing {
			r.result.Changing++
		}
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
	e := Event{Action: Failed, Entry: tree.Entry{Name: name}, Err: fmt.Errorf("%q: %w", name, err)}
	if r.Overwrite && r.Remove && r.postponeFailure(e) {
		return
	}
	r.count(e)
}

// maxRefused is how many failures wait for what is to be removed.
const maxRefused = 1000

// postponeFailure keeps a failure whose cause may be removed later: a file where a folder is
// wanted, or the reverse. Each kind of store says that in words of its own.
func (r *run) postponeFailure(e Event) bool {
	var answer *remote.AnswerError
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.removed:
		return false
	case inTheWay(e.Err):
		r.blocked = append(r.blocked, folder.Change{Name: e.Entry.Name})
	case errors.As(e.Err, &answer) && len(r.refused) < maxRefused:
		r.refused = append(r.refused, e)
	default:
		return false
	}
	return true
}

// judgeRefused tells the failures that nothing which will be removed can have caused.
// The names of that are in order.
func (r *run) judgeRefused() {
	refused := r.refused
	r.refused = nil
	for _, e := range refused {
		if clashes(e.Entry.Name, r.extra) {
			r.blocked = append(r.blocked, folder.Change{Name: e.Entry.Name})
		} else {
			r.count(e)
		}
	}
}

// clashes tells whether one of the names, which are in order, cannot be there together with
// this one.
func clashes(name string, names []string) bool {
	below := strings.TrimSuffix(name, "/") + "/"
	if i, _ := slices.BinarySearch(names, below); i < len(names) && strings.HasPrefix(names[i], below) {
		return true
	}
	for at, c := range name {
		if c == '/' {
			if _, found := slices.BinarySearch(names, name[:at]); found {
				return true
			}
		}
	}
	return false
}

// inTheWay tells that a file stands where a folder is wanted, or the reverse.
func inTheWay(err error) bool {
	for _, errno := range []error{unix.ENOTDIR, unix.EISDIR, unix.ELOOP, unix.EEXIST} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
