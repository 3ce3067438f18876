package mirror

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"bootrc/s3/folder"
	"bootrc/s3/remote"
	"bootrc/s3/tree"
)

// upload is from a folder to a prefix.
type upload struct {
	*run
	src *folder.Folder
	dst *remote.Prefix
}

func (u *upload) list(ctx context.Context, below string) (src, dst tree.Seq) {
	return u.src.List(ctx, below, u.Preserve), listAlongside(ctx, u.dst, u.src, below)
}

func (u *upload) stat(ctx context.Context, name string) (pair, error) {
	if u.isBucket(name) {
		return pair{}, nil
	}
	return statBoth(name,
		func() (tree.Entry, error) { return u.src.Stat(name, u.Preserve) },
		func() (tree.Entry, error) { return u.dst.Stat(ctx, name) })
}

// prepare follows a link to a file in the folder, where links are not kept as
// such: with a link out of it, a container could read what is not its own.
func (u *upload) prepare(e *tree.Entry) error {
	switch {
	case e.Kind == tree.Other:
		return fmt.Errorf("%w: it is no file", errSkip)
	case e.Kind == tree.Link && !u.Preserve:
		file, err := u.src.Follow(*e)
		if err != nil {
			return fmt.Errorf("%w: a link to no file in the folder (--preserve keeps links)", errSkip)
		}
		*e = file
	}
	if err := u.fit(e); err != nil {
		return err
	}
	return u.dst.CheckName(e.Name)
}

// fit leaves out what a store has no room for. Another name of a file that cannot be told goes
// as a file.
func (u *upload) fit(e *tree.Entry) error {
	if !u.Preserve {
		return nil
	}
	e.Fit()
	if _, err := e.Metadata(); err == nil || e.Kind != tree.HardLink {
		return nil
	}
	file, err := u.src.Stat(e.Name, true)
	if err == nil {
		file.Fit()
		*e = file
	}
	return err
}

func (u *upload) compare(ctx context.Context, src, dst *tree.Entry) (verdict, error) {
	if src.Kind == tree.Folder && (!u.Preserve || u.isBucket(src.Name)) {
		return equal, nil // it is there as soon as something is in it
	}
	if dst == nil {
		return missing, nil
	}
	c := comparison{Options: u.Options, folder: u.src, prefix: u.dst, up: true}
	v, err := c.compare(ctx, src, dst)
	if errors.Is(err, remote.ErrChanged) || folder.IsGone(err) {
		return differs, nil // from what it was listed as: it is looked at again
	}
	return v, err
}

// isBucket tells that a name stands for the bucket as a whole, which has no object to
// keep attributes in.
func (u *upload) isBucket(name string) bool { return name == "" && u.dst.Prefix == "" }

// attempts is how often an entry is read that changes while it is.
const attempts = 3

func (u *upload) copy(ctx context.Context, src tree.Entry, _ verdict) error {
	if src.Kind != tree.File {
		if err := u.dst.Put(ctx, src, strings.NewReader(""), u.Moved); err != nil {
			return err
		}
		u.stored(src, false)
		return nil
	}
	err := u.copyFile(ctx, src)
	if folder.IsGone(err) || errors.Is(err, errSkip) {
		return nil // what is stored of it is what it was
	}
	return err
}

// copyFile uploads a file as it is at some moment. Where it changes meanwhile, a later
// moment is tried. A file that never settles, as a log or a database's journal, is stored as
// it was when it was read last: the next pass has the rest.
func (u *upload) copyFile(ctx context.Context, src tree.Entry) error {
	for n := 1; ; n++ {
		file, before, err := u.open(src.Name)
		if err != nil {
			return err
		}
		src.Size, src.Attributes.Mtime = before.Size(), before.ModTime()
		put := u.dst.Put
		if n == attempts {
			put = u.dst.PutSnapshot
		}
		err = put(ctx, src, file, u.Moved)
		file.Close()
		switch changed := errors.Is(err, remote.ErrChanged); {
		case err != nil && (!changed || n == attempts):
			return err
		case err == nil:
			after, lookErr := u.look(src.Name)
			settled := lookErr == nil && same(before, after)
			if settled || n == attempts || lookErr != nil || isContinued(before, after) {
				u.stored(src, !settled)
				return nil
			}
		}
		if src, err = u.again(src); err != nil {
			return err
		}
	}
}

// again looks at a file that has changed.
func (u *upload) again(src tree.Entry) (tree.Entry, error) {
	src, err := u.src.Stat(src.Name, u.Preserve)
	if err == nil {
		err = u.prepare(&src)
	}
	if err == nil && src.Kind != tree.File {
		err = folder.ErrReplaced
	}
	return src, err
}

// stored counts what has been stored, and whether it was changing all the while.
func (u *upload) stored(src tree.Entry, changing bool) {
	e := Event{Action: Copied, Entry: src, Changing: changing}
	if left := src.Attributes.Unkept; len(left) > 0 {
		e.Err = fmt.Errorf("S3 has no room for its extended attributes %s: they are not kept", strings.Join(left, ", "))
	}
	u.count(e)
}

func (u *upload) open(name string) (*os.File, os.FileInfo, error) {
	file, err := u.src.OpenFile(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && isNew(info) {
		info, err = file.Stat()
	}
	if err == nil && !info.Mode().IsRegular() {
		err = folder.ErrReplaced
	}
	if err != nil {
		file.Close()
	}
	return file, info, err
}

// isNew waits until a change of the file would change its time, too: times come
// from a clock that ticks only now and then, every 10 ms at the least.
func isNew(info os.FileInfo) bool {
	const tick = 20 * time.Millisecond
	age := time.Since(info.ModTime())
	if age < 0 || age >= tick {
		return false
	}
	time.Sleep(tick - age)
	return true
}

// look returns what the name leads to now.
func (u *upload) look(name string) (os.FileInfo, error) {
	file, err := u.src.OpenFile(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return file.Stat()
}

// same tells that a file is the one that it was, and as it was.
func same(before, after os.FileInfo) bool {
	return os.SameFile(before, after) && before.Size() == after.Size() &&
		before.ModTime().Equal(after.ModTime()) && ctime(before) == ctime(after)
}

// isContinued tells that a file has grown, as a log does: what was there is stored.
func isContinued(before, after os.FileInfo) bool {
	return os.SameFile(before, after) && before.Size() < after.Size()
}

func ctime(info os.FileInfo) syscall.Timespec { return info.Sys().(*syscall.Stat_t).Ctim }

func (u *upload) settle() error { return nil }

func (u *upload) remove(ctx context.Context, names []string) { removeObjects(ctx, u.run, u.dst, names) }

func (u *upload) close() error { return nil }
