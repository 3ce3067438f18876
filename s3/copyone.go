package s3

import (
	"context"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/durable"
	"bootrc/s3/tree"
)

// runCopy copies one file: folders are what s3sync is for.
func runCopy(ctx context.Context, s *session) error {
	args := s.call.Args
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
	file, err := durable.Create(ctx, target, 0o644)
	if err != nil {
		return err
	}
	defer file.Discard()
	if e, err = p.Get(ctx, e, file, func(int64) {}); err != nil {
		return err
	}
	if !e.Attributes.Mtime.IsZero() {
		os.Chtimes(file.Name(), time.Time{}, e.Attributes.Mtime)
	}
	return file.Place()
}
