package folder

import (
	"context"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"bootrc/kit/inside"
	"bootrc/s3/tree"

	"golang.org/x/sys/unix"
)

// List lists the tree below a folder of it, "" for all, in the order of the names.
// With attributes, owners, extended attributes and hard links are told, too.
func (f *Folder) List(ctx context.Context, below string, attributes bool) tree.Seq {
	return func(yield func(tree.Entry, error) bool) {
		w := walk{ctx: ctx, folder: f, attributes: attributes, yield: yield, links: make(map[inode]string)}
		w.list(below)
	}
}

// EveryNth returns the name of every nth file of the tree, in order. It looks at
// names only, and leaves out what it cannot list.
func (f *Folder) EveryNth(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		count := 0
		var visit func(name string) bool
		visit = func(name string) bool {
			names, err := f.names(name)
			if err != nil {
				return true
			}
			for _, base := range names {
				if strings.HasSuffix(base, "/") {
					if !visit(name + base) {
						return false
					}
				} else if count++; count%n == 0 && !yield(name+base) {
					return false
				}
			}
			return true
		}
		visit("")
	}
}

// names lists the names in a folder as ordered does.
func (f *Folder) names(name string) ([]string, error) {
	fd, err := f.openBelow(name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	dir := os.NewFile(uintptr(fd), name)
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	return ordered(entries), err
}

type inode struct{ dev, ino uint64 }

type walk struct {
	ctx        context.Context
	folder     *Folder
	attributes bool
	yield      func(tree.Entry, error) bool
	links      map[inode]string // the first names of files with several
}

// list lists one folder, itself first, and tells whether to go on.
func (w *walk) list(name string) bool {
	if err := w.ctx.Err(); err != nil {
		w.yield(tree.Entry{}, err)
		return false
	}
	if len(name) > longestName {
		return w.fail(name, errNameTooLong)
	}
	fd, err := w.folder.openBelow(name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return w.gone(name, err) || w.fail(name, err)
	}
	dir := os.NewFile(uintptr(fd), name)
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return w.gone(name, err) || w.fail(name, err)
	}
	if !w.show(fd, ".", name) {
		return false
	}
	for _, base := range ordered(entries) {
		if below, isFolder := strings.CutSuffix(base, "/"); isFolder {
			if !w.list(name + below + "/") {
				return false
			}
		} else if !w.show(fd, base, name+base) {
			return false
		}
	}
	return true
}

// gone tells that a folder was removed after its parent was read. If the uppermost folder
// is gone, that does not mean that it is empty.
func (w *walk) gone(name string, err error) bool { return name != "" && IsGone(err) }

func (w *walk) fail(name string, err error) bool {
	return w.yield(tree.Entry{}, fmt.Errorf("list %q: %w", name, err))
}

// ordered returns the names, folders with a "/" behind, in the order that
// whole names have when everything is listed.
func ordered(entries []os.DirEntry) []string {
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, stagePrefix) {
			continue
		}
		if e.IsDir() {
			name += "/"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// show yields one entry. What is gone by now is not there.
func (w *walk) show(parent int, base, name string) bool {
	var st unix.Stat_t
	err := unix.Fstatat(parent, base, &st, unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return w.gone(name, err) || w.fail(name, err)
	}
	e := entryOf(name, &st)
	if st.Mode&unix.S_IFMT == unix.S_IFDIR && !strings.HasSuffix(name, "/") && name != "" {
		return true // it was no folder a moment ago: the next run sees it
	}
	if err := w.complete(&e, parent, base, &st); err != nil {
		return w.gone(name, err) || w.fail(name, err)
	}
	return w.yield(e, nil)
}

func entryOf(name string, st *unix.Stat_t) tree.Entry {
	e := tree.Entry{Name: name, Known: true, Modified: time.Unix(st.Ctim.Unix())}
	e.Attributes.Mtime = time.Unix(st.Mtim.Unix())
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		e.Size = st.Size
	case unix.S_IFDIR:
		e.Kind = tree.Folder
	case unix.S_IFLNK:
		e.Kind = tree.Link
	default:
		e.Kind = tree.Other
	}
	return e
}

// complete adds what costs more than one system call.
func (w *walk) complete(e *tree.Entry, parent int, base string, st *unix.Stat_t) error {
	if e.Kind == tree.Link {
		target, err := readLink(parent, base)
		if err != nil {
			return err
		}
		e.Attributes.Target = target
	}
	if !w.attributes {
		return nil
	}
	if e.Kind == tree.File && st.Nlink > 1 {
		id := inode{st.Dev, st.Ino}
		if first, ok := w.links[id]; ok {
			e.Kind, e.Size, e.Attributes = tree.HardLink, 0, tree.Attributes{Target: first}
			return nil
		}
		w.links[id] = e.Name
	}
	return addAttributes(e, parent, base, st)
}

func readLink(parent int, base string) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(parent, base, buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

// Stat returns one entry with what List tells of it, but for hard links.
func (f *Folder) Stat(name string, attributes bool) (tree.Entry, error) {
	var e tree.Entry
	look := func(parent int, base string) (err error) {
		e, err = stat(parent, base, name, attributes)
		return err
	}
	if name == "" {
		err := look(int(f.dir.Fd()), ".")
		return e, err
	}
	err := f.in(name, "stat", look)
	return e, err
}

func stat(parent int, base, name string, attributes bool) (tree.Entry, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(parent, base, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return tree.Entry{}, err
	}
	e := entryOf(name, &st)
	if e.Kind == tree.Link {
		target, err := readLink(parent, base)
		e.Attributes.Target = target
		if err != nil || !attributes {
			return e, err
		}
	}
	if !attributes {
		return e, nil
	}
	return e, addAttributes(&e, parent, base, &st)
}

// OpenFile opens a regular file to be read. Where the name is a symbolic link, it
// is followed, but never out of the folder.
func (f *Folder) OpenFile(name string) (*os.File, error) {
	var file *os.File
	err := f.in(name, "open", func(parent int, base string) error {
		fd, err := unix.Openat(parent, base, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		if checkKind(fd, tree.Link) == nil {
			file, err = f.follow(name)
			return err
		}
		// a pipe would wait for a writer, and a device do what it does
		if err := checkKind(fd, tree.File); err != nil {
			return err
		}
		fd, err = unix.Open(inside.ProcPath(fd), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			file = os.NewFile(uintptr(fd), name)
		}
		return err
	})
	return file, err
}

func (f *Folder) follow(name string) (*os.File, error) {
	root, err := f.root()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
}

// Follow returns the entry of the file that a symbolic link leads to, under the link's
// name. It fails if the link leads to no file, or out of the folder.
func (f *Folder) Follow(link tree.Entry) (tree.Entry, error) {
	file, err := f.follow(link.Name)
	if err != nil {
		return link, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return link, err
	}
	if !info.Mode().IsRegular() {
		return link, fmt.Errorf("%q: it leads to no file", link.Name)
	}
	return tree.Entry{
		Name: link.Name, Known: true, Size: info.Size(), Modified: info.ModTime(),
		Attributes: tree.Attributes{Mtime: info.ModTime()},
	}, nil
}
