// Package layer unpacks the layers of OCI images.
//
// A layer is a tar archive, compressed or not, as image-spec's layer.md
// describes it. It is unpacked into a folder of its own, in the form in which
// overlayfs stacks folders (Documentation/filesystems/overlayfs.rst): a
// whiteout becomes a character device 0/0 of the hidden file's name, an opaque
// whiteout the attribute trusted.overlay.opaque=y of its folder.
//
// Archives are not trusted: nothing outside of the folder is created, changed
// or linked to, whatever names and links an archive holds. Unpacking needs
// root, for owners, devices and trusted attributes.
package layer

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sys/unix"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Report says what was unpacked.
type Report struct {
	Entries int   // entries of the archive
	Bytes   int64 // content of regular files, in bytes

	// Total and Files are, after an error that is ENOSPC, what Bytes and Entries would have
	// been at the least on a disk that is large enough. HadRoom tells that the disk was not
	// full at that moment: the file system has refused something for another reason.
	Total, Files int64
	HadRoom      bool

	// DiffID is the archive's, where all of it was read: Blob.Unpack.
	DiffID v1.Hash

	// Ignored counts the extended attributes that were left out, because the
	// file system has no place for them or because they would steer overlayfs.
	// FirstIgnored says which was the first, and why.
	Ignored      int
	FirstIgnored string
}

// UnsafeError reports an entry that would have reached outside of the layer.
type UnsafeError struct {
	Entry string // the entry's name
	Path  string // the name, link target or whiteout that leads outside
}

func (e *UnsafeError) Error() string {
	if e.Entry == e.Path {
		return fmt.Sprintf("archive entry %q leads outside of the layer", e.Entry)
	}
	return fmt.Sprintf("archive entry %q leads outside of the layer, to %q", e.Entry, e.Path)
}

// FormatError reports an archive or a compressed stream that is broken.
type FormatError struct{ Err error }

func (e *FormatError) Error() string { return e.Err.Error() }
func (e *FormatError) Unwrap() error { return e.Err }

// Unpack writes the entries of the uncompressed archive r into dir, an empty
// folder, and reads r to its end. When it fails, dir is in no defined state
// and of no use.
func Unpack(ctx context.Context, r io.Reader, dir string) (Report, error) {
	type result struct {
		report Report
		err    error
	}
	done := make(chan result, 1)
	go func() {
		// file modes are to be those of the archive, and the umask belongs to
		// the whole process: this thread takes a umask of its own, and ends
		// with this goroutine because it is never unlocked.
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			done <- result{err: fmt.Errorf("unpack: umask of its own (unpacking needs root): %w", err)}
			return
		}
		unix.Umask(0)
		report, err := unpack(ctx, r, dir)
		done <- result{report, err}
	}()
	res := <-done
	return res.report, res.err
}

func unpack(ctx context.Context, r io.Reader, dir string) (Report, error) {
	t, err := openTree(dir)
	if err != nil {
		return Report{}, err
	}
	defer t.close()
	archive := tar.NewReader(r)
	for {
		if err := ctx.Err(); err != nil {
			return t.report, err
		}
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return t.report, formatError("read archive", err)
		}
		t.report.Entries++
		t.report.Total += contentOf(h)
		t.report.Files++
		if err := t.add(ctx, h, archive); err != nil {
			if errors.Is(err, unix.ENOSPC) {
				t.report.HadRoom = t.hasRoom()
				t.measure(ctx, archive)
			}
			return t.report, err
		}
	}
	if err := t.finishFolders(); err != nil {
		t.report.HadRoom = t.hasRoom()
		return t.report, err
	}
	// the diff ID covers what follows the archive's end, too.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return t.report, formatError("read archive", err)
	}
	return t.report, nil
}

// measure counts what is left in an archive, as far as it can be read, and no further than
// it is more than the file system's size.
func (t *tree) measure(ctx context.Context, archive *tar.Reader) {
	var st unix.Statfs_t
	unix.Fstatfs(t.root, &st)
	for t.report.Total <= int64(st.Blocks)*int64(st.Bsize) && (st.Files == 0 || t.report.Files <= int64(st.Files)) && ctx.Err() == nil {
		h, err := archive.Next()
		if err != nil {
			break
		}
		t.report.Total += contentOf(h)
		t.report.Files++
	}
}

// A disk with less room than that is full: what was written when it refused more was no
// larger than a chunk and what file systems need to note it.
const (
	fullBytes = 1 << 20
	fullFiles = 8
)

func (t *tree) hasRoom() bool {
	var st unix.Statfs_t
	if unix.Fstatfs(t.root, &st) != nil {
		return false
	}
	return int64(st.Bavail)*int64(st.Bsize) >= fullBytes && (st.Files == 0 || st.Ffree >= fullFiles)
}

func contentOf(h *tar.Header) int64 {
	if h.Typeflag == tar.TypeReg {
		return h.Size
	}
	return 0
}

// formatError marks what reading a stream said, unless that was said of the
// stream's source.
func formatError(what string, err error) error {
	var source *sourceError
	var format *FormatError
	if errors.As(err, &source) || errors.As(err, &format) {
		return err
	}
	if err == io.ErrUnexpectedEOF {
		err = errors.New("it ends in the middle")
	}
	return &FormatError{fmt.Errorf("%s: %w", what, err)}
}
