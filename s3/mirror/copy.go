package mirror

import (
	"context"
	"errors"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
	"bootrc/s3/tree"
)

// copying is from a prefix to another.
type copying struct {
	*run
	src, dst *remote.Prefix
}

// Copy makes a prefix like another.
func Copy(ctx context.Context, src, dst *remote.Prefix, o Options) (Result, error) {
	r := newRun(o)
	r.direction = &copying{run: r, src: src, dst: dst}
	return r.pass(ctx, []folder.Change{{Below: true}})
}

func (c *copying) list(ctx context.Context, below string) (src, dst tree.Seq) {
	r := remote.Range{Below: below}
	return ahead(ctx, c.src.List(ctx, r)), ahead(ctx, c.dst.List(ctx, r))
}

func (c *copying) stat(ctx context.Context, name string) (pair, error) {
	return statBoth(name,
		func() (tree.Entry, error) { return c.src.Stat(ctx, name) },
		func() (tree.Entry, error) { return c.dst.Stat(ctx, name) })
}

func (c *copying) prepare(*tree.Entry) error { return nil }

// compare takes equal ETags for equal contents, and then the recorded times, or
// else that the copy was stored later than its source.
func (c *copying) compare(_ context.Context, src, dst *tree.Entry) (verdict, error) {
	switch {
	case dst == nil:
		return missing, nil
	case src.Size != dst.Size:
		return differs, nil
	case src.ETag == dst.ETag:
		return equal, nil
	case c.Checksum && src.MD5 != "" && dst.MD5 != "":
		return differs, nil
	case src.Known && dst.Known && !src.Attributes.Mtime.IsZero():
		if tree.SameTime(src.Attributes.Mtime, dst.Attributes.Mtime) {
			return equal, nil
		}
		return differs, nil
	case dst.Modified.Before(src.Modified):
		return differs, nil
	}
	return equal, nil
}

func (c *copying) copy(ctx context.Context, src tree.Entry, _ verdict) error {
	var err error
	for range attempts {
		if err = c.dst.Copy(ctx, src.Name, c.src, src, c.Moved); !errors.Is(err, remote.ErrChanged) {
			break
		}
		again, statErr := c.src.Stat(ctx, src.Name)
		if statErr != nil {
			return statErr
		}
		src = again
	}
	if err == nil {
		c.count(Event{Action: Copied, Entry: src})
	}
	return err
}

func (c *copying) settle() error { return nil }

func (c *copying) remove(ctx context.Context, names []string) {
	removeObjects(ctx, c.run, c.dst, names)
}

func (c *copying) close() error { return nil }

// removeObjects removes what only the destination has.
func removeObjects(ctx context.Context, r *run, p *remote.Prefix, names []string) {
	removed := func(name string) { r.count(Event{Action: Removed, Entry: tree.Entry{Name: name}}) }
	if !r.DryRun {
		p.Remove(ctx, names, removed, r.failed)
		return
	}
	for _, name := range names {
		removed(name)
	}
}
