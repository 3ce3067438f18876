package remote

import (
	"context"
	"errors"
	"fmt"

	"github.com/minio/minio-go/v7"
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
	err := p.try(ctx, "remove", func(ctx context.Context) error {
		last = make(map[string]error)
		for result := range p.removeSome(ctx, left) {
			name := result.ObjectName[len(p.Prefix):]
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
	objects := make(chan minio.ObjectInfo, len(names))
	for name := range names {
		objects <- minio.ObjectInfo{Key: p.Prefix + name}
	}
	close(objects)
	return p.core.RemoveObjectsWithResult(ctx, p.Bucket, objects, minio.RemoveObjectsOptions{})
}
