package s3test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// An Aspect is something that two trees can differ in beside names, types, content
// and the targets of links.
type Aspect uint

// The aspects.
const (
	Modes      Aspect = 1 << iota // permissions, with set-user-ID, set-group-ID and sticky
	Owners                        // users and groups, by number
	Times                         // of files' modification, to the nanosecond
	OtherTimes                    // the same of folders and symbolic links
	Attributes                    // extended attributes but security.selinux
	HardLinks                     // which names are one file

	Everything = Modes | Owners | Times | OtherTimes | Attributes | HardLinks
)

// A Tree is what a folder holds: what is to be said of each entry, by its path below
// the folder. The folder itself is not in it.
type Tree map[string]Entry

// An Entry is one of a tree.
type Entry struct {
	Type       string // file, folder, link, fifo, socket, device
	Mode       uint32
	Owner      string // UID:GID
	Time       string // SECONDS.NANOSECONDS
	Content    string // size and digest of a file, target of a link, number of a device
	Attributes map[string]string
	Same       string // the first name, in their order, that is the same file
}

// ReadTree reads the folder at root.
func ReadTree(root string) (Tree, error) {
	tree := make(Tree)
	first := make(map[[2]uint64]string)
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		e, inode, err := readEntry(path)
		if err != nil {
			return fmt.Errorf("%q: %w", path, err)
		}
		if _, ok := first[inode]; !ok {
			first[inode] = name
		}
		e.Same = first[inode]
		tree[name] = e
		return nil
	})
	return tree, err
}

var types = map[uint32]string{
	unix.S_IFREG: "file", unix.S_IFDIR: "folder", unix.S_IFLNK: "link", unix.S_IFIFO: "fifo",
	unix.S_IFSOCK: "socket", unix.S_IFCHR: "device", unix.S_IFBLK: "device",
}

func readEntry(path string) (e Entry, inode [2]uint64, err error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return e, inode, err
	}
	e = Entry{
		Type:  types[st.Mode&unix.S_IFMT],
		Mode:  st.Mode &^ unix.S_IFMT,
		Owner: fmt.Sprintf("%d:%d", st.Uid, st.Gid),
		Time:  fmt.Sprintf("%d.%09d", st.Mtim.Sec, st.Mtim.Nsec),
	}
	switch e.Type {
	case "file":
		e.Content, err = digest(path)
	case "link":
		e.Content, err = os.Readlink(path)
	case "device":
		e.Content = fmt.Sprintf("%#x", st.Rdev)
	}
	if err != nil {
		return e, inode, err
	}
	e.Attributes, err = readAttributes(path)
	return e, [2]uint64{st.Dev, st.Ino}, err
}

func readAttributes(path string) (map[string]string, error) {
	size, err := unix.Llistxattr(path, nil)
	if err != nil || size == 0 {
		return nil, err
	}
	names := make([]byte, size)
	if size, err = unix.Llistxattr(path, names); err != nil {
		return nil, err
	}
	attributes := make(map[string]string)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names[:size]), "\x00"), "\x00") {
		if name == "security.selinux" {
			continue
		}
		value := make([]byte, 64<<10)
		n, err := unix.Lgetxattr(path, name, value)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		attributes[name] = string(value[:n])
	}
	return attributes, nil
}

// Differences are what is not in got as it is in want, a line each, in the order of
// names; none for equal trees.
func Differences(want, got Tree, aspects Aspect) (lines []string) {
	names := slices.Collect(maps.Keys(want))
	for name := range got {
		if _, ok := want[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		w, wanted := want[name]
		g, there := got[name]
		switch {
		case !there:
			lines = append(lines, fmt.Sprintf("%q, a %s, is missing", name, w.Type))
		case !wanted:
			lines = append(lines, fmt.Sprintf("%q, a %s, is too many", name, g.Type))
		default:
			lines = append(lines, w.differences(name, g, aspects)...)
		}
	}
	return lines
}

func (w Entry) differences(name string, g Entry, aspects Aspect) (lines []string) {
	differ := func(what string, want, got any) {
		if fmt.Sprint(want) != fmt.Sprint(got) {
			lines = append(lines, fmt.Sprintf("%q: %s %v, want %v", name, what, got, want))
		}
	}
	differ("type", w.Type, g.Type)
	differ("content", fmt.Sprintf("%.100q", w.Content), fmt.Sprintf("%.100q", g.Content))
	if aspects&Modes != 0 && w.Type != "link" {
		differ("mode", fmt.Sprintf("%o", w.Mode), fmt.Sprintf("%o", g.Mode))
	}
	if aspects&Owners != 0 {
		differ("owner", w.Owner, g.Owner)
	}
	if aspects&Times != 0 && w.Type == "file" || aspects&OtherTimes != 0 && w.Type != "file" {
		differ("time", w.Time, g.Time)
	}
	if aspects&Attributes != 0 {
		differ("attributes", fmt.Sprintf("%q", w.Attributes), fmt.Sprintf("%q", g.Attributes))
	}
	if aspects&HardLinks != 0 {
		differ("first link", w.Same, g.Same)
	}
	return lines
}

// Without returns the tree without these names and what is below them.
func (t Tree) Without(names ...string) Tree {
	rest := maps.Clone(t)
	maps.DeleteFunc(rest, func(name string, _ Entry) bool {
		return slices.ContainsFunc(names, func(gone string) bool {
			return name == gone || strings.HasPrefix(name, gone+"/")
		})
	})
	return rest
}
