package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"bootrc/s3/tree"

	"github.com/minio/minio-go/v7"
)

// Prefix is what a bucket has below a prefix, as a tree. The prefix is "" or
// ends in "/".
type Prefix struct {
	*Store
	Bucket string
	Prefix string

	Encryption Encryption

	// metadata is set when listings are to tell metadata, and looks counts the
	// requests that those have cost so far that did not.
	metadata atomic.Bool
	looks    atomic.Int32
}

// WantMetadata makes listings tell metadata, where the server can: MinIO's do. It
// costs them three times the work, and is worth it where many entries would have
// to be looked at one by one.
func (p *Prefix) WantMetadata() { p.metadata.Store(true) }

// manyLooks is from when on it is worth it.
const manyLooks = 100

// Range is a part of the names below a prefix: those in the folder Below, behind
// the name After, and up to and with the name Until. What is "" is no limit.
type Range struct{ Below, After, Until string }

// List lists objects in the order of their names.
// Unless their metadata are wanted, and the server tells them, entries are not
// Known.
//
// A listing that is cut off is continued; one that is out of order, in which a
// missing name would prove nothing, is an error.
func (p *Prefix) List(ctx context.Context, r Range) tree.Seq {
	return func(yield func(tree.Entry, error) bool) {
		last, more := "", true
		if r.After != "" {
			last = p.Prefix + r.After
		}
		for more {
			err := p.try(ctx, "list "+p.String(), func(ctx context.Context) (err error) {
				more, err = p.listFrom(ctx, r, &last, yield)
				return err
			})
			if err != nil {
				yield(tree.Entry{}, err)
				return
			}
		}
	}
}

// listFrom lists what comes after a name, and keeps the name up to date. It tells
// whether there is more: it stops when metadata are wanted all of a sudden.
func (p *Prefix) listFrom(ctx context.Context, r Range, last *string, yield func(tree.Entry, error) bool) (more bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	options := p.listOptions(r.Below, *last)
	for o := range p.core.ListObjectsIter(ctx, p.Bucket, options) {
		if o.Err != nil {
			return true, o.Err
		}
		if err := p.checkOrder(o.Key, *last); err != nil {
			return true, err
		}
		*last = o.Key
		name := strings.TrimPrefix(o.Key, p.Prefix)
		if r.Until != "" && name > r.Until || !yield(p.entry(o), nil) || name == r.Until && name != "" {
			return false, nil
		}
		if p.metadata.Load() != options.WithMetadata {
			return true, nil
		}
	}
	return false, ctx.Err()
}

func (p *Prefix) listOptions(below, after string) minio.ListObjectsOptions {
	no := false
	return minio.ListObjectsOptions{
		Prefix: p.Prefix + below, Recursive: true, WithMetadata: p.metadata.Load(), StartAfter: after, FetchOwner: &no,
	}
}

func (p *Prefix) checkOrder(key, last string) error {
	if !strings.HasPrefix(key, p.Prefix) {
		return &permanentError{fmt.Errorf("the server lists %q", key)}
	}
	if key <= last && last != "" {
		return &permanentError{fmt.Errorf("the server lists %q behind %q", key, last)}
	}
	return nil
}

// String names the place for people.
func (p *Prefix) String() string { return p.Bucket + "/" + p.Prefix }

func (p *Prefix) entry(o minio.ObjectInfo) tree.Entry {
	e := tree.Entry{
		Name: strings.TrimPrefix(o.Key, p.Prefix), Size: o.Size,
		Modified: o.LastModified, ETag: o.ETag,
	}
	if isMD5(o.ETag) && !p.Encryption.hidesMD5() && !hidesMD5(o.Headers) {
		e.MD5 = o.ETag
	}
	if strings.HasSuffix(e.Name, "/") && o.Size == 0 || e.Name == "" {
		e.Kind = tree.Folder
	}
	if len(o.UserMetadata) > 0 {
		e.SetMetadata(o.UserMetadata)
	}
	return e
}

// Complete asks for what a listing has not told about an entry.
func (p *Prefix) Complete(ctx context.Context, e *tree.Entry) error {
	if p.looks.Add(1) == manyLooks {
		p.WantMetadata()
	}
	whole, err := p.Stat(ctx, e.Name)
	if err == nil {
		*e = whole
	}
	return err
}

// Stat returns an entry by a request of its own.
func (p *Prefix) Stat(ctx context.Context, name string) (tree.Entry, error) {
	var e tree.Entry
	err := p.try(ctx, fmt.Sprintf("look at %q", name), func(ctx context.Context) error {
		o, err := p.core.StatObject(ctx, p.Bucket, p.Prefix+name, p.readOptions())
		if err != nil {
			return err
		}
		o.Key, o.UserMetadata = p.Prefix+name, nil
		e = p.entry(o)
		e.SetMetadata(userMetadata(o.Metadata))
		return nil
	})
	return e, err
}

// CheckName fails for a name that no object can have: Amazon S3 User Guide,
// "Naming Amazon S3 objects".
func (p *Prefix) CheckName(name string) error {
	const limit = 1024
	switch key := p.Prefix + name; {
	case !utf8.ValidString(key):
		return errors.New("an object's name has to be UTF-8")
	case len(key) > limit:
		return fmt.Errorf("an object's name cannot have %d bytes", len(key))
	}
	return nil
}

// userMetadata takes from an answer's headers what the object's owner set.
func userMetadata(header map[string][]string) map[string]string {
	m := make(map[string]string)
	for key, values := range header {
		if strings.HasPrefix(key, "X-Amz-Meta-") && len(values) > 0 {
			m[key] = values[0]
		}
	}
	return m
}
