package s3

import (
	"context"
	"fmt"
	"os"
	"time"

	"bootrc/kit/command"
	"bootrc/s3/folder"
	"bootrc/s3/mirror"
	"bootrc/s3/remote"
)

func runSync(ctx context.Context, session *session) error {
	s := &syncing{session: session, options: mirrorOptions(session.call), watch: session.call.Flag("watch")}
	s.remote.Connections = s.options.Concurrency
	var err error
	if s.src, err = s.resolver.locate(s.call.Args[0]); err != nil {
		return err
	}
	if s.dst, err = s.resolver.locate(s.call.Args[1]); err != nil {
		return err
	}
	return s.run(ctx)
}

// syncing is one call of s3sync.
type syncing struct {
	*session
	options  mirror.Options
	watch    bool
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
	if s.watch {
		return command.Usagef("--watch: one side has to be a folder")
	}
	src, exists, err := s.openSource(ctx)
	if err != nil || !exists {
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

// openSource opens a bucket that has to be there, unless it may be missing.
func (s *syncing) openSource(ctx context.Context) (src *remote.Prefix, exists bool, err error) {
	if src, err = s.openPrefix(s.src); err != nil {
		return nil, false, err
	}
	exists, err = src.BucketExists(ctx, src.Bucket)
	switch {
	case err != nil || exists:
	case !s.call.Flag("missing-ok"):
		err = fmt.Errorf("%s: there is no such bucket", s.src.text)
	case s.watch:
		s.say(s.src.text + ": there is no such bucket yet: waiting for it")
	default:
		s.say(s.src.text + ": there is no such bucket, and nothing to copy")
	}
	return src, exists, err
}

// openDestination opens a bucket, which it makes if it does not exist, as mc does.
func (s *syncing) openDestination(ctx context.Context) (*remote.Prefix, error) {
	dst, err := s.openPrefix(s.dst)
	if err != nil {
		return nil, err
	}
	exists, err := dst.BucketExists(ctx, dst.Bucket)
	if err != nil || exists || s.options.DryRun {
		return dst, err
	}
	if err = dst.MakeBucket(ctx, dst.Bucket); err == nil {
		s.say(s.dst.text + ": made the bucket " + dst.Bucket)
	}
	return dst, err
}

// say prints what is worth knowing, unless only errors or JSON are wanted.
func (s *syncing) say(text string) {
	if !s.call.Flag("quiet") && !s.call.Flag("json") {
		fmt.Fprintf(s.call.Stderr, "%s: %s\n", s.call.Name, text)
	}
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
		if s.watch {
			return mirror.FollowFolder(ctx, stop, src, dst, o)
		}
		return mirror.Upload(ctx, src, dst, o)
	})
}

func (s *syncing) download(ctx context.Context) error {
	src, exists, err := s.openSource(ctx)
	if err != nil || !exists && !s.watch {
		return err
	}
	defer src.Close()
	dst, err := s.openFolder()
	if err != nil {
		return err
	}
	defer dst.Close()
	return s.show(ctx, func(ctx context.Context, stop <-chan struct{}, o mirror.Options) (mirror.Result, error) {
		switch {
		case !exists:
			return mirror.AwaitPrefix(ctx, stop, src, dst, o)
		case s.watch:
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

func (s *syncing) openPrefix(l location) (*remote.Prefix, error) {
	store, err := remote.Open(l.alias, s.remote)
	if err != nil {
		return nil, err
	}
	prefix, err := l.prefix(store)
	if err != nil {
		return nil, err
	}
	prefix.Encryption, err = s.encryption.of(l)
	if err != nil {
		return nil, err
	}
	return prefix, prefix.Check()
}

type mirroring func(ctx context.Context, stop <-chan struct{}, o mirror.Options) (mirror.Result, error)

// show runs a mirror with its progress on the console, and sums up.
func (s *syncing) show(ctx context.Context, run mirroring) error {
	ctx, stop, release := stoppable(ctx, s.watch)
	defer release()
	o := s.options
	title := s.src.text + " -> " + s.dst.text
	begun := time.Now()
	m := newMeter(s.call, title)
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
