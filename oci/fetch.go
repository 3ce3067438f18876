package oci

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"bootrc/oci/layer"
	"bootrc/oci/store"
	"bootrc/sh/meter"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// maxParallel is how many layers are fetched at a time: enough to keep two CPUs
// busy while one waits, and with at most a few MiB of memory each.
const maxParallel = 3

// fetch brings an image's layers into the store.
type fetch struct {
	src      source
	addition *store.Addition
	progress *progress
}

func (f fetch) layers(ctx context.Context, list []v1.Descriptor, diffIDs []v1.Hash) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)
	seen := make(map[v1.Hash]bool)
	for i, d := range list {
		if seen[diffIDs[i]] {
			f.progress.cached(d)
			continue
		}
		seen[diffIDs[i]] = true
		group.Go(func() error {
			if err := f.layer(ctx, d, diffIDs[i]); err != nil {
				return fmt.Errorf("layer %s (%s): %w", d.Digest, meter.Size(d.Size), err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (f fetch) layer(ctx context.Context, d v1.Descriptor, diffID v1.Hash) error {
	l, err := f.addition.Layer(ctx, diffID)
	if err != nil {
		return err
	}
	if l == nil {
		f.progress.cached(d)
		return nil
	}
	defer l.Discard()
	blob, err := f.src.blob(ctx, d)
	if err != nil {
		return err
	}
	blob.DiffID = diffID
	blob.Content = f.progress.count(blob.Content)
	report, err := blob.Unpack(ctx, l.Folder)
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the store is full after %s of the layer: %w", meter.Size(report.Bytes), err)
	}
	if err != nil {
		return err
	}
	f.progress.warnIgnored(d, report)
	return l.Commit()
}

func (p *progress) warnIgnored(d v1.Descriptor, report layer.Report) {
	if report.Ignored > 0 {
		p.warn(fmt.Sprintf("layer %s: left out %d extended attributes, the first %s", d.Digest, report.Ignored, report.FirstIgnored))
	}
}
