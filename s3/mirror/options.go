// Package mirror makes one side like the other: a folder and a prefix in an
// S3-compatible store, or two prefixes.
package mirror

import (
	"bootrc/s3/tree"
)

// Options are what a mirror does beyond copying what is missing.
type Options struct {
	Overwrite bool // replace what differs
	Remove    bool // remove what the source does not have
	Preserve  bool // keep owner, mode, times, extended attributes, links, and folders
	Checksum  bool // compare contents, not sizes and times
	DryRun    bool // only report what would be done
	Filter    Filter

	// Concurrency is how many files are copied at a time.
	Concurrency int
	// Report, unless nil, is told of each step.
	Report func(Event)
	// Moved, unless nil, is told how many bytes were moved; a negative number takes back
	// those that have to be moved again. Several goroutines may call it at a time.
	Moved func(int64)
}

// Action is what was done with an entry.
type Action uint8

const (
	Copied  Action = iota // or would be, in a dry run
	Removed               // or would be, in a dry run
	Kept                  // it differs, and may not be overwritten
	Skipped               // it cannot be copied
	Failed
)

func (a Action) String() string {
	return [...]string{"copied", "removed", "kept", "skipped", "failed"}[a]
}

// Event is a step of a mirror.
type Event struct {
	Action Action
	Entry  tree.Entry // at least its name
	Err    error      // why it failed or was skipped, or what of it was not copied
	// Changing tells that it changed while it was copied: what it was at some moment is
	// there.
	Changing bool
}

// Result is what a mirror has done.
type Result struct {
	Copied, Removed, Kept, Skipped, Equal int64 // entries
	Changing                              int64 // of those copied, that changed all the while
	Bytes                                 int64 // of the files copied
	// Failed is how many entries, or parts of a listing, are missing. Failures
	// has the first of them.
	Failed   int64
	Failures []error
}

const maxFailures = 20
