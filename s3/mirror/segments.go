package mirror

import (
	"context"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
	"bootrc/s3/tree"
)

const (
	// pageSize is how many objects a listing tells in one answer: Amazon S3 API
	// Reference, ListObjectsV2.
	pageSize = 1000
	// pagesAhead is how many answers are waited for at a time.
	pagesAhead = 4
)

// listAlongside lists a prefix that is likely to have the names that a folder has.
// A listing's next page can only be asked for when the one before is there; with
// the folder's names for bounds, several are asked for at a time.
func listAlongside(ctx context.Context, p *remote.Prefix, f *folder.Folder, below string) tree.Seq {
	if below != "" || p.Whole() {
		return ahead(ctx, p.List(ctx, remote.Range{Below: below}))
	}
	var segments []tree.Seq
	after := ""
	for bound := range f.EveryNth(pageSize) {
		if p.CheckName(bound) != nil {
			continue // no object has this name, and no request can tell it
		}
		segments = append(segments, p.List(ctx, remote.Range{After: after, Until: bound}))
		after = bound
	}
	segments = append(segments, p.List(ctx, remote.Range{After: after}))
	return inParallel(ctx, segments)
}

// inParallel reads several listings at a time, and yields them one after another.
// It ends with the first error.
func inParallel(ctx context.Context, segments []tree.Seq) tree.Seq {
	return func(yield func(tree.Entry, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		started := make(chan (<-chan item), pagesAhead-1)
		go func() {
			defer close(started)
			for _, segment := range segments {
				select {
				case started <- read(ctx, segment):
				case <-ctx.Done():
					return
				}
			}
		}()
		for segment := range started {
			for i := range segment {
				if !yield(i.entry, i.err) || i.err != nil {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(tree.Entry{}, err)
		}
	}
}

// item is what a listing yields.
type item struct {
	entry tree.Entry
	err   error
}

// read reads a listing until it ends, or ctx does: what comes then is an error.
func read(ctx context.Context, seq tree.Seq) <-chan item {
	items := make(chan item, pageSize)
	go func() {
		defer close(items)
		for e, err := range seq {
			select {
			case items <- item{e, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return items
}

// ahead reads a listing while what it has listed is being worked on.
func ahead(ctx context.Context, seq tree.Seq) tree.Seq {
	return inParallel(ctx, []tree.Seq{seq})
}
