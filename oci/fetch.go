package oci

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"bootrc/kit/size"
	"bootrc/oci/layer"
	"bootrc/oci/store"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// maxParallel is how many layers are fetched at a time: enough to keep two CPUs
// busy while one waits, and with at most a few MiB of memory each.
const maxParallel = 3

// fetch brings an image's layers into the store.
type fetch struct {
	src      source
	store    *store.Store
	addition *store.Addition
	progress *progress

	list    []v1.Descriptor
	diffIDs []v1.Hash
	writing sync.RWMutex // held for reading while a layer is written
}

// layers fetches them, the largest first: if it came last, the others would have ended, and
// its stages alone do not keep two CPUs busy.
func (f *fetch) layers(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)
	asked := make(map[v1.Hash]bool)
	for _, i := range largestFirst(f.list) {
		d, diffID := f.list[i], f.diffIDs[i]
		if asked[diffID] {
			f.progress.cached(d)
			continue
		}
		asked[diffID] = true
		group.Go(func() error {
			if err := f.layer(ctx, d, diffID); err != nil {
				return fmt.Errorf("layer %s (%s): %w", d.Digest, size.Text(d.Size), err)
			}
			return nil
		})
	}
	return group.Wait()
}

// largestFirst returns the list's indices.
func largestFirst(list []v1.Descriptor) []int {
	indices := make([]int, len(list))
	for i := range indices {
		indices[i] = i
	}
	slices.SortStableFunc(indices, func(a, b int) int { return cmp.Compare(list[b].Size, list[a].Size) })
	return indices
}

func (f *fetch) layer(ctx context.Context, d v1.Descriptor, diffID v1.Hash) error {
	return f.withSpace(ctx, func() (need need, err error) {
		for mend := true; mend; {
			need, mend, err = f.unpack(ctx, d, diffID)
		}
		return need, err
	})
}

// unpack brings one layer into the store, if it is not there. With an error comes what it
// needs there, and whether another attempt may mend it.
func (f *fetch) unpack(ctx context.Context, d v1.Descriptor, diffID v1.Hash) (need need, mend bool, err error) {
	l, err := f.addition.Layer(ctx, diffID)
	if err != nil {
		return need, false, err
	}
	if l == nil {
		f.progress.cached(d)
		return need, false, nil
	}
	defer l.Discard()
	blob, err := f.src.Blob(ctx, d)
	if err != nil {
		return need, false, err
	}
	blob.DiffID = diffID
	counted := f.progress.count(blob.Content)
	blob.Content = counted
	report, err := blob.Unpack(ctx, l.Folder)
	if err == nil {
		f.progress.warnIgnored(d, report)
		err = l.Commit()
	}
	if err != nil {
		need = needOf(report)
		counted.takeBack()
		mend = canMend(f.src, counted.ReadCloser, err)
	}
	return need, mend, err
}

func (p *progress) warnIgnored(d v1.Descriptor, report layer.Report) {
	if report.Ignored > 0 {
		p.warn(fmt.Sprintf("layer %s: left out %d extended attributes, the first %s", d.Digest, report.Ignored, report.FirstIgnored))
	}
}
