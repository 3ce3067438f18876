package s3

import (
	"context"
	"fmt"
	"os"
	"time"

	"bootrc/kit/command"
	"bootrc/s3/alias"
	"bootrc/s3/folder"
	"bootrc/s3/mirror"
	"bootrc/s3/remote"

	"github.com/spf13/pflag"
)

func runSync(ctx context.Context, call *command.Call, aliases alias.File) error {
	var o syncOptions
	flags := pflag.NewFlagSet(call.Name, pflag.ContinueOnError)
	o.define(flags)
	args, err := parseFlags(flags, call.Args)
	if err != nil {
		return err
	}
	if len(args) != 2 {
		return command.Usagef("SRC and DST are needed, and nothing else")
	}
	if err := o.complete(); err != nil {
		return &command.UsageError{Err: err}
	}
	r := newResolver(call, aliases)
	r.endpoint = o.connection.endpoint
	src, err := r.locate(args[0])
	if err != nil {
		return err
	}
	dst, err := r.locate(args[1])
	if err != nil {
		return err
	}
	s := &syncing{call: call, options: o, src: src, dst: dst}
	return s.run(ctx)
}

// syncing is one call of s3sync.
type syncing struct {
	call     *command.Call
	options  syncOptions
	src, dst location
}

func (s *syncing) run(ctx context.Context) error {
	switch {
	case s.src.isFolder() && s.dst.isFolder():
		return &command.UsageError{Err: errTwoFolders}
	case s.src.isFolder():
		return s.upload(ctx)
	case s.dst.isFolder():
		return s.download(ctx)
	}
	return s.copy(ctx)
}

func (s *syncing) copy(ctx context.Context) error {
	if s.options.watch {
		return command.Usagef("--watch: one side has to be a folder")
	}
	src, err := s.openSource(ctx)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := s.openDestination(ctx)
	if err != nil {
		return err
	}
	defer dst.Close()
	return s.show(ctx, func(ctx context.Context, _ <-chan struct{}, o mirror.Options) (mirror.Result, error) {
		return mirror.Copy(ctx, src, dst, o)
	})
}

// openSource opens a bucket that has to be there.
func (s *syncing) openSource(ctx context.Context) (*remote.Prefix, error) {
	src, err := s.open(s.src)
	if err != nil {
		return nil, err
	}
	exists, err := src.BucketExists(ctx, src.Bucket)
	if err == nil && !exists {
		err = fmt.Errorf("%s: there is no such bucket", s.src.text)
	}
	return src, err
}

// openDestination opens a bucket, which it makes if it does not exist, as mc does.
func (s *syncing) openDestination(ctx context.Context) (*remote.Prefix, error) {
	dst, err := s.open(s.dst)
	if err != nil {
		return nil, err
	}
	exists, err := dst.BucketExists(ctx, dst.Bucket)
	if err == nil && !exists && !s.options.DryRun {
		err = dst.MakeBucket(ctx, dst.Bucket)
	}
	return dst, err
}

func (s *syncing) upload(ctx context.Context) error {
	src, err := folder.Open(s.src.folder)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := s.openDestination(ctx)
	if err != nil {
		return err
	}
	defer dst.Close()
	return s.show(ctx, func(ctx context.Context, stop <-chan struct{}, o mirror.Options) (mirror.Result, error) {
		if s.options.watch {
			return mirror.FollowFolder(ctx, stop, src, dst, o)
		}
		return mirror.Upload(ctx, src, dst, o)
	})
}

func (s *syncing) download(ctx context.Context) error {
	src, err := s.openSource(ctx)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := s.openFolder()
	if err != nil {
		return err
	}
	defer dst.Close()
	return s.show(ctx, func(ctx context.Context, stop <-chan struct{}, o mirror.Options) (mirror.Result, error) {
		if s.options.watch {
			return mirror.FollowPrefix(ctx, stop, src, dst, o)
		}
		return mirror.Download(ctx, src, dst, o)
	})
}

func (s *syncing) openFolder() (*folder.Folder, error) {
	if s.options.DryRun {
		if _, err := os.Stat(s.dst.folder); err != nil {
			return nil, err
		}
	}
	return folder.Create(s.dst.folder)
}

func (s *syncing) open(l location) (*remote.Prefix, error) {
	store, err := remote.Open(l.alias, s.options.connection.remote(s.call))
	if err != nil {
		return nil, err
	}
	prefix, err := l.prefix(store)
	if err != nil {
		return nil, err
	}
	prefix.Encryption, err = s.options.encryption.of(l)
	if err != nil {
		return nil, err
	}
	return prefix, prefix.Check()
}

type mirroring func(ctx context.Context, stop <-chan struct{}, o mirror.Options) (mirror.Result, error)

// show runs a mirror with its progress on the console, and sums up.
func (s *syncing) show(ctx context.Context, run mirroring) error {
	ctx, stop, release := stoppable(ctx, s.options.watch)
	defer release()
	o := s.options.Options
	title := s.src.text + " -> " + s.dst.text
	begun := time.Now()
	m := newMeter(s.call, title, s.options)
	o.Report, o.Moved = m.report, m.moved
	result, err := run(ctx, stop, o)
	m.stop(result, err)
	s.call.Record("s3sync", title, begun, result.Bytes)
	switch {
	case err != nil:
		return err
	case result.Failed > 0:
		return fmt.Errorf("%s is incomplete: %d failed", s.dst.text, result.Failed)
	}
	return nil
}
