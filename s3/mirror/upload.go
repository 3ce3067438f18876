package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	return u.dst.CheckName(e.Name)
}

func (u *upload) compare(ctx context.Context, src, dst *tree.Entry) (verdict, error) {
	if src.Kind == tree.Folder && (!u.Preserve || u.isBucket(src.Name)) {
		return equal, nil // it is there as soon as something is in it
	}
	if dst == nil {
		return missing, nil
	}
	c := comparison{Options: u.Options, folder: u.src, prefix: u.dst, up: true}
	return c.compare(ctx, src, dst)
}

// isBucket tells that a name stands for the bucket as a whole, of which there is no
// object that could keep attributes.
func (u *upload) isBucket(name string) bool { return name == "" && u.dst.Prefix == "" }

// attempts is how often a file is read that changes while it is.
const attempts = 3

func (u *upload) copy(ctx context.Context, src tree.Entry, _ verdict) error {
	if src.Kind != tree.File {
		if err := u.dst.Put(ctx, src, strings.NewReader(""), u.Moved); err != nil {
			return err
		}
		u.count(Event{Action: Copied, Entry: src})
		return nil
	}
	var err error
	for range attempts {
		if err = u.copyFile(ctx, &src); !errors.Is(err, remote.ErrChanged) {
			break
		}
		again, statErr := u.src.Stat(src.Name, u.Preserve)
		if statErr != nil {
			return statErr
		}
		src = again
		if err := u.prepare(&src); err != nil {
			return err
		}
	}
	switch {
	case err == nil:
		u.count(Event{Action: Copied, Entry: src})
	case errors.Is(err, fs.ErrNotExist):
		return nil // it was removed before it was read
	}
	return err
}

// copyFile uploads a file. One that was another before or after is ErrChanged; one
// that is gone before was never there.
func (u *upload) copyFile(ctx context.Context, src *tree.Entry) error {
	if src.Kind != tree.File {
		return remote.ErrChanged
	}
	file, before, err := u.open(src.Name)
	if err != nil {
		return err
	}
	defer file.Close()
	if !before.Mode().IsRegular() || before.Size() != src.Size || !before.ModTime().Equal(src.Attributes.Mtime) {
		return remote.ErrChanged
	}
	if err := u.dst.Put(ctx, *src, file, u.Moved); err != nil {
		return err
	}
	return u.checkUnchanged(src.Name, before)
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

// checkUnchanged fails unless the name still leads to the file that it led to
// before, and that is as it was.
func (u *upload) checkUnchanged(name string, before os.FileInfo) error {
	file, err := u.src.OpenFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return remote.ErrChanged
	}
	if err != nil {
		return err
	}
	defer file.Close()
	after, err := file.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(before, after) || before.Size() != after.Size() ||
		!before.ModTime().Equal(after.ModTime()) || ctime(before) != ctime(after) {
		return remote.ErrChanged
	}
	return nil
}

func ctime(info os.FileInfo) syscall.Timespec { return info.Sys().(*syscall.Stat_t).Ctim }

func (u *upload) settle() error { return nil }

func (u *upload) remove(ctx context.Context, names []string) { removeObjects(ctx, u.run, u.dst, names) }

func (u *upload) close() error { return nil }
