package s3

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bootrc/s3/remote"
)

const timeFormat = "2006-01-02T15:04:05Z"

func runList(ctx context.Context, s *session) error {
	l, store, err := s.open(s.call.Args[0])
	if err != nil {
		return err
	}
	if l.bucket == "" {
		return s.listBuckets(ctx, store)
	}
	p, err := l.prefix(store)
	if err != nil {
		return err
	}
	return s.listObjects(ctx, p, s.call.Flag("recursive"))
}

func (s *session) listBuckets(ctx context.Context, store *remote.Store) error {
	buckets, err := store.Buckets(ctx)
	for _, b := range buckets {
		s.call.Printf("%s %12s %s/\n", b.CreationDate.UTC().Format(timeFormat), "-", s.call.Shown(b.Name))
	}
	return err
}

// listObjects prints one name a line. Unless it is recursive, it prints only the first
// part of names further down.
func (s *session) listObjects(ctx context.Context, p *remote.Prefix, recursive bool) error {
	last := ""
	for e, err := range p.List(ctx, remote.Range{}) {
		if err != nil {
			return err
		}
		first, _, below := strings.Cut(e.Name, "/")
		if below && !recursive {
			if first != last {
				s.call.Printf("%20s %12s %s/\n", "", "-", s.call.Shown(first))
			}
			last = first
			continue
		}
		s.call.Printf("%s %12d %s\n", e.Modified.UTC().Format(timeFormat), e.Size, s.call.Shown(e.Name))
	}
	return nil
}

func runMakeBucket(ctx context.Context, s *session) error {
	l, store, err := s.open(s.call.Args[0])
	if err != nil {
		return err
	}
	if l.bucket == "" || l.key != "" {
		return fmt.Errorf("%s is no bucket: ALIAS/BUCKET is", s.call.Args[0])
	}
	return store.MakeBucket(ctx, l.bucket)
}

func runCat(ctx context.Context, s *session) error {
	p, name, err := s.openObject(s.call.Args[0])
	if err != nil {
		return err
	}
	return p.Read(ctx, name, s.call.Stdout)
}

func runStat(ctx context.Context, s *session) error {
	p, name, err := s.openObject(s.call.Args[0])
	if err != nil {
		return err
	}
	e, err := p.Stat(ctx, name)
	if err != nil {
		return err
	}
	metadata, err := e.Metadata()
	if err != nil {
		return err
	}
	s.call.Printf("name: %s\nsize: %d\nstored: %s\netag: %s\n", name, e.Size, e.Modified.UTC().Format(timeFormat), s.call.Shown(e.ETag))
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		s.call.Printf("x-amz-meta-%s: %s\n", s.call.Shown(strings.ToLower(key)), s.call.Shown(metadata[key]))
	}
	return nil
}

func runRemove(ctx context.Context, s *session) error {
	p, name, err := s.openObject(s.call.Args[0])
	if err != nil {
		return err
	}
	names := []string{name}
	if s.call.Flag("recursive") {
		if names, err = namesBelow(ctx, p, strings.TrimSuffix(name, "/")+"/"); err != nil {
			return err
		}
	}
	var failures []error
	p.Remove(ctx, names, func(string) {}, func(_ string, err error) { failures = append(failures, err) })
	return errors.Join(failures...)
}

func namesBelow(ctx context.Context, p *remote.Prefix, folder string) ([]string, error) {
	var names []string
	for e, err := range p.List(ctx, remote.Range{Below: folder}) {
		if err != nil {
			return nil, err
		}
		names = append(names, e.Name)
	}
	return names, nil
}
