package remote

import (
	"context"
	"errors"
	"fmt"
	"iter"
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

// ErrRelist ends a listing that turned out not to be in the order of names when a part of it
// had been told. The next one is.
var ErrRelist = errors.New("the store lists in no order, and has to be listed anew")

// errUnordered is a listing that goes back.
var errUnordered = errors.New("the store lists in no order")

// List lists objects in the order of their names.
// Unless their metadata are wanted, and the server tells them, entries are not
// Known.
//
// A listing that is cut off is continued. One that is out of order, in which a
// missing name would prove nothing, is sorted.
func (p *Prefix) List(ctx context.Context, r Range) tree.Seq {
	return func(yield func(tree.Entry, error) bool) {
		if p.dialect.lacks(lacksOrder) {
			p.listSorted(ctx, r)(yield)
			return
		}
		l := listing{Prefix: p, bounds: r}
		if r.After != "" {
			l.last = p.Prefix + r.After
		}
		err := l.list(ctx, yield)
		switch {
		case !errors.Is(err, errUnordered):
		case l.told || r.After != "" || r.Until != "": // there may be others beside this one
			err = ErrRelist
		default:
			p.listSorted(ctx, r)(yield)
			return
		}
		if err != nil {
			yield(tree.Entry{}, err)
		}
	}
}

// Whole tells that a listing can only be had as a whole: parts of it cost as much.
func (p *Prefix) Whole() bool { return p.dialect.lacks(lacksOrder | lacksStart) }

// listing is a listing in order, on its way.
type listing struct {
	*Prefix
	bounds Range
	last   string // the key behind which it goes on
	told   bool   // an entry was
	ended  bool   // the caller wants no more
}

func (l *listing) list(ctx context.Context, yield func(tree.Entry, error) bool) error {
	for more := true; more; {
		err := l.tryUsing(ctx, "list "+l.String(), lacksListV2, func(ctx context.Context) (err error) {
			if more, err = l.listOn(ctx, yield); l.ended {
				more, err = false, nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// listOn lists what comes after the last key, page by page. It tells whether
// there is more: it stops when metadata are wanted all of a sudden.
func (l *listing) listOn(ctx context.Context, yield func(tree.Entry, error) bool) (more bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	options := l.listOptions(l.bounds.Below, l.last)
	start, before := l.last, ""
	var page []minio.ObjectInfo
	for o := range l.objects(ctx, options) {
		if o.Err != nil {
			l.tell(page, yield)
			return true, o.Err
		}
		if o.Key <= before && before != "" {
			l.dialect.add(lacksOrder)
			return true, errUnordered
		}
		before = o.Key
		if o.Key <= start && start != "" {
			l.dialect.add(lacksStart)
			continue
		}
		if page = append(page, o); len(page) < listedPage {
			continue
		}
		if l.tell(page, yield); l.ended {
			return false, nil
		}
		page = page[:0]
		if l.metadata.Load() != options.WithMetadata {
			return true, nil
		}
	}
	l.tell(page, yield)
	return false, ctx.Err()
}

// listedPage is how many entries are looked at before the first of them is told: so a store
// that lists in no order is mostly found out before.
const listedPage = 1000

// tell tells of a page, in order.
func (l *listing) tell(page []minio.ObjectInfo, yield func(tree.Entry, error) bool) {
	for _, o := range page {
		name := strings.TrimPrefix(o.Key, l.Prefix.Prefix)
		until := l.bounds.Until
		if l.ended || until != "" && name > until {
			l.ended = true
			return
		}
		l.last, l.told = o.Key, true
		l.ended = !yield(l.entry(o), nil) || name == until && name != ""
	}
}

// objects lists as the store can. Each key is one below the prefix.
func (p *Prefix) objects(ctx context.Context, options minio.ListObjectsOptions) iter.Seq[minio.ObjectInfo] {
	return func(yield func(minio.ObjectInfo) bool) {
		pages := new(pages)
		for o := range p.core.ListObjectsIter(context.WithValue(ctx, pagesKey{}, pages), p.Bucket, options) {
			pages.empty = 0
			if o.Err == nil && !strings.HasPrefix(o.Key, p.Prefix) {
				o.Err = &permanentError{fmt.Errorf("the server lists %q", o.Key)}
			}
			if !yield(o) || o.Err != nil {
				return
			}
		}
	}
}

func (p *Prefix) listOptions(below, after string) minio.ListObjectsOptions {
	no := false
	return minio.ListObjectsOptions{
		Prefix: p.Prefix + below, Recursive: true, WithMetadata: p.metadata.Load(), StartAfter: after, FetchOwner: &no,
		UseV1: p.dialect.lacks(lacksListV2),
	}
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
		options := p.readOptions()
		options.Checksum = false
		o, err := p.core.StatObject(ctx, p.Bucket, p.Prefix+name, options)
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
