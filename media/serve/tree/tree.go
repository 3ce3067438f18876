// Package tree is the files that a netboot server has for machines. Some are a folder's, some are
// made when a machine asks for them:
//
//	boot.ipxe                     made: what iPXE starts
//	machines/NAME.ipxe            made: how iPXE boots the machine of that name
//	machines/NAME.cpio            made: its arguments and the hooks, behind the initramfs
//	machines/NAME.ARCH.efi        made: all of it in one EFI program, of ARCH/stub.efi
//	ARCH/vmlinuz, ARCH/initramfs  for amd64 and arm64
//	ipxe/undionly.kpxe, ipxe/snponly.ARCH.efi
//	public/…                      anything else, such as images for U-Boot
//	rpi/…                         what a Raspberry Pi loads, which names it without rpi/
//	arguments/default, arguments/NAME   not served, but made into the former
//	hooks/NN-name.sh
//
// NAME is a machine's hardware address (52-54-00-12-34-56), its UUID or its serial number, several of these
// with "_" between, or default.
package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"bootrc/kit/inside"
	"bootrc/kit/regular"
)

// Architectures are those that there are boot files for.
var Architectures = []string{"amd64", "arm64"}

// folders are the ones whose files are served as they are.
var folders = append([]string{"ipxe", "public"}, Architectures...)

// Tree is the files below a folder. Nothing of it is kept in memory: what is changed there is served from
// then on.
type Tree struct {
	root   *inside.Folder
	static bool // for servers that know nothing of machines
}

// New returns the tree of a folder.
func New(folder string) (*Tree, error) {
	root, err := inside.Open(folder)
	if err != nil {
		return nil, err
	}
	return &Tree{root: root}, nil
}

// File is one of them, open.
type File struct {
	io.ReaderAt
	Size     int64
	Modified time.Time
	From     string // what the file was made of, for the log; "" where it is as it was
	closers  []io.Closer
}

// Close closes it.
func (f *File) Close() error {
	for _, c := range f.closers {
		c.Close()
	}
	return nil
}

// Open opens the file of that name. The error wraps fs.ErrNotExist for each name that nothing is served
// under, whether or not there is such a file.
func (t *Tree) Open(name string) (*File, error) {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	folder, rest, below := strings.Cut(name, "/")
	switch {
	case name == "boot.ipxe":
		return text(t.entry(), ""), nil
	case folder == "machines":
		return t.made(rest)
	case below && slices.Contains(folders, folder):
		return t.open(folder, rest)
	}
	return t.raspberry(name)
}

// Has tells whether there is such a file.
func (t *Tree) Has(name string) bool {
	f, err := t.Open(name)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// open opens a file of one of the folders: no link in there leads to another one.
func (t *Tree) open(folder, name string) (*File, error) {
	below, err := t.root.Sub(folder)
	if err != nil {
		return nil, absent(folder, err)
	}
	defer below.Close()
	f, err := regular.OpenIn(below, name)
	if err != nil {
		return nil, absent(folder+"/"+name, err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{ReaderAt: f, Size: info.Size(), Modified: info.ModTime(), closers: []io.Closer{f}}, nil
}

// absent is the error of a file that cannot be served.
func absent(name string, why error) error {
	var failed *fs.PathError
	if errors.As(why, &failed) {
		why = failed.Err
	}
	return &notThere{fmt.Sprintf("%s: %v", name, why)}
}

// notThere is fs.ErrNotExist for whoever asked, and says the reason in the log.
type notThere struct{ why string }

func (n *notThere) Error() string        { return n.why }
func (n *notThere) Is(target error) bool { return target == fs.ErrNotExist }

// text is a file that was made.
func text(content, from string) *File {
	return &File{ReaderAt: strings.NewReader(content), Size: int64(len(content)), From: from}
}

// made makes a file of machines/.
func (t *Tree) made(name string) (*File, error) {
	who, extension := cutExtension(name)
	if extension == "" {
		return nil, absent("machines/"+name, fs.ErrNotExist)
	}
	arguments, err := t.arguments(who)
	if err != nil {
		return nil, err
	}
	switch extension {
	case "ipxe":
		script, err := script(arguments)
		if err != nil {
			return nil, err
		}
		return text(script, arguments.from), nil
	case "cpio":
		archive, err := t.archive(arguments)
		if err != nil {
			return nil, err
		}
		return &File{ReaderAt: bytes.NewReader(archive), Size: int64(len(archive)), From: arguments.from}, nil
	}
	return t.program(strings.TrimSuffix(extension, ".efi"), arguments)
}

// cutExtension cuts what is made of a machine from its name.
func cutExtension(name string) (who, extension string) {
	extensions := []string{"ipxe", "cpio"}
	for _, arch := range Architectures {
		extensions = append(extensions, arch+".efi")
	}
	for _, extension := range extensions {
		if who, ok := strings.CutSuffix(name, "."+extension); ok {
			return who, extension
		}
	}
	return "", ""
}
