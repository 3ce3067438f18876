package s3

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bootrc/kit/command"
	"bootrc/s3/remote"

	"github.com/spf13/pflag"
)

const timeFormat = "2006-01-02T15:04:05Z"

// exactly parses a command that takes so many arguments, and no flags of its own.
func (s *session) exactly(count int, usage string, args []string) ([]string, error) {
	args, err := s.parse(pflag.NewFlagSet("s3", pflag.ContinueOnError), args)
	if err == nil && len(args) != count {
		err = command.Usagef("it is `s3 %s`", usage)
	}
	return args, err
}

func runList(ctx context.Context, s *session, args []string) error {
	flags := pflag.NewFlagSet("ls", pflag.ContinueOnError)
	recursive := flags.BoolP("recursive", "r", false, "")
	args, err := s.parse(flags, args)
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return command.Usagef("it is `s3 ls [-r] ALIAS[/BUCKET[/PREFIX]]`")
	}
	l, store, err := s.open(args[0])
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
	return s.listObjects(ctx, p, *recursive)
}

func (s *session) listBuckets(ctx context.Context, store *remote.Store) error {
	buckets, err := store.Buckets(ctx)
	for _, b := range buckets {
		s.call.Printf("%s %12s %s/\n", b.CreationDate.UTC().Format(timeFormat), "-", b.Name)
	}
	return err
}

// listObjects prints names as they are, one a line; of what is further down only
// the first part, unless it is recursive.
func (s *session) listObjects(ctx context.Context, p *remote.Prefix, recursive bool) error {
	last := ""
	for e, err := range p.List(ctx, remote.Range{}) {
		if err != nil {
			return err
		}
		first, _, below := strings.Cut(e.Name, "/")
		if below && !recursive {
			if first != last {
				s.call.Printf("%20s %12s %s/\n", "", "-", first)
			}
			last = first
			continue
		}
		s.call.Printf("%s %12d %s\n", e.Modified.UTC().Format(timeFormat), e.Size, e.Name)
	}
	return nil
}

func runMakeBucket(ctx context.Context, s *session, args []string) error {
	args, err := s.exactly(1, "mb ALIAS/BUCKET", args)
	if err != nil {
		return err
	}
	l, store, err := s.open(args[0])
	if err != nil {
		return err
	}
	if l.bucket == "" || l.key != "" {
		return fmt.Errorf("%s is no bucket: ALIAS/BUCKET is", args[0])
	}
	return store.MakeBucket(ctx, l.bucket)
}

func runCat(ctx context.Context, s *session, args []string) error {
	args, err := s.exactly(1, "cat ALIAS/BUCKET/NAME", args)
	if err != nil {
		return err
	}
	p, name, err := s.openObject(args[0])
	if err != nil {
		return err
	}
	return p.Read(ctx, name, s.call.Stdout)
}

func runStat(ctx context.Context, s *session, args []string) error {
	args, err := s.exactly(1, "stat ALIAS/BUCKET/NAME", args)
	if err != nil {
		return err
	}
	p, name, err := s.openObject(args[0])
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
	s.call.Printf("name: %s\nsize: %d\nstored: %s\netag: %s\n", name, e.Size, e.Modified.UTC().Format(timeFormat), e.ETag)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		s.call.Printf("x-amz-meta-%s: %s\n", strings.ToLower(key), metadata[key])
	}
	return nil
}

func runRemove(ctx context.Context, s *session, args []string) error {
	flags := pflag.NewFlagSet("rm", pflag.ContinueOnError)
	recursive := flags.BoolP("recursive", "r", false, "")
	args, err := s.parse(flags, args)
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return command.Usagef("it is `s3 rm [-r] ALIAS/BUCKET/NAME`")
	}
	p, name, err := s.openObject(args[0])
	if err != nil {
		return err
	}
	names := []string{name}
	if *recursive {
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
