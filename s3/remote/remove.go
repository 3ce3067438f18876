package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"
)

// batch is how many objects one request removes, at most: Amazon S3 API
// Reference, DeleteObjects.
const batch = 1000

// Remove removes objects, a batch a request. It calls failed for each that
// stays, and removed for each that is gone.
func (p *Prefix) Remove(ctx context.Context, names []string, removed func(name string), failed func(name string, err error)) {
	for len(names) > 0 {
		n := min(batch, len(names))
		p.removeBatch(ctx, names[:n], removed, failed)
		names = names[n:]
	}
}

func (p *Prefix) removeBatch(ctx context.Context, names []string, removed func(string), failed func(string, error)) {
	left := make(map[string]bool, len(names))
	for _, name := range names {
		left[name] = true
	}
	var last map[string]error
	err := p.tryUsing(ctx, "remove", lacksBatches, func(ctx context.Context) error {
		last = make(map[string]error)
		for result := range p.removeSome(ctx, left) {
			name := strings.TrimPrefix(result.ObjectName, p.Prefix)
			if result.Err != nil && minio.ToErrorResponse(result.Err).Code != "NoSuchKey" {
				last[name] = result.Err
				continue
			}
			delete(left, name)
		}
		for _, err := range last {
			return err
		}
		if len(left) > 0 {
			return errors.New("the server does not say what it did")
		}
		return nil
	})
	for _, name := range names {
		switch {
		case !left[name]:
			removed(name)
		case last[name] != nil:
			failed(name, fmt.Errorf("remove %q: %w", name, p.explain(last[name])))
		default:
			failed(name, fmt.Errorf("%q: %w", name, err))
		}
	}
}

func (p *Prefix) removeSome(ctx context.Context, names map[string]bool) <-chan minio.RemoveObjectResult {
	if p.dialect.lacks(lacksBatches) {
		return p.removeEach(ctx, names)
	}
	objects := make(chan minio.ObjectInfo, len(names))
	for name := range names {
		objects <- minio.ObjectInfo{Key: p.Prefix + name}
	}
	close(objects)
	return p.core.RemoveObjectsWithResult(ctx, p.Bucket, objects, minio.RemoveObjectsOptions{})
}

// removeEach removes by a request each, several at a time.
func (p *Prefix) removeEach(ctx context.Context, names map[string]bool) <-chan minio.RemoveObjectResult {
	results := make(chan minio.RemoveObjectResult, len(names))
	var group errgroup.Group
	group.SetLimit(p.streams)
	for name := range names {
		group.Go(func() error {
			key := p.Prefix + name
			err := p.core.RemoveObject(ctx, p.Bucket, key, minio.RemoveObjectOptions{})
			results <- minio.RemoveObjectResult{ObjectName: key, Err: err}
			return nil
		})
	}
	group.Wait()
	close(results)
	return results
}
