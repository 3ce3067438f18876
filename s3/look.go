package s3

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bootrc/s3/remote"
	"bootrc/s3/tree"
	"bootrc/sh/command"

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
	for e, err := range p.List(ctx, "") {
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
	for e, err := range p.List(ctx, folder) {
		if err != nil {
			return nil, err
		}
		names = append(names, e.Name)
	}
	return names, nil
}

// runCopy copies one file: folders are what s3sync is for.
func runCopy(ctx context.Context, s *session, args []string) error {
	args, err := s.exactly(2, "cp SRC DST", args)
	if err != nil {
		return err
	}
	src, err := s.resolver.locate(args[0])
	if err != nil {
		return err
	}
	dst, err := s.resolver.locate(args[1])
	if err != nil {
		return err
	}
	switch {
	case src.isFolder() && dst.isFolder():
		return &command.UsageError{Err: errTwoFolders}
	case src.isFolder():
		return s.put(ctx, src, args[1])
	case dst.isFolder():
		return s.get(ctx, args[0], dst)
	}
	from, name, err := s.openObject(args[0])
	if err != nil {
		return err
	}
	to, target, err := s.openObject(withBase(args[1], name))
	if err != nil {
		return err
	}
	e, err := from.Stat(ctx, name)
	if err != nil {
		return err
	}
	return to.Copy(ctx, target, from, e, func(int64) {})
}

// withBase adds the last part of a name to a place that ends in "/".
func withBase(place, name string) string {
	if strings.HasSuffix(place, "/") {
		return place + path.Base(name)
	}
	return place
}

func (s *session) put(ctx context.Context, src location, word string) error {
	p, name, err := s.openObject(withBase(word, src.folder))
	if err != nil {
		return err
	}
	file, err := os.Open(src.folder)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", src.folder)
	}
	e := tree.Entry{Name: name, Size: info.Size(), Attributes: tree.Attributes{Mtime: info.ModTime()}}
	return p.Put(ctx, e, file, func(int64) {})
}

// get puts the file in place when all of it has come.
func (s *session) get(ctx context.Context, word string, dst location) error {
	p, name, err := s.openObject(word)
	if err != nil {
		return err
	}
	target := withBase(dst.folder, name)
	if info, err := os.Stat(target); err == nil && info.IsDir() {
		target = withBase(target+"/", name)
	}
	e, err := p.Stat(ctx, name)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(target), ".s3-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if e, err = p.Get(ctx, e, file, func(int64) {}); err != nil {
		return err
	}
	if !e.Attributes.Mtime.IsZero() {
		os.Chtimes(file.Name(), time.Time{}, e.Attributes.Mtime)
	}
	if err := errors.Join(file.Chmod(0o644), file.Sync()); err != nil {
		return err
	}
	return os.Rename(file.Name(), target)
}
