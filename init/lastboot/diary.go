package lastboot

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"bootrc/kit/regular"
)

// Diary is a file on the cache in which the boot notes how far it has come, so that
// the next one knows where it was when the power failed or the machine was reset. Before
// Open there is no cache: of what is noted then, only why the boot was ended counts.
type Diary struct {
	file  string
	ended string // why the boot was ended, or ""
}

// size is how long a diary is, in bytes: a sector of any disk, and a line of a console.
const size = 512

// Open has the diary be that file from now on, in place of what is there.
func (d *Diary) Open(file string) error {
	d.file = file
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.write(d.ended)
}

// Begin notes that a phase begins.
func (d *Diary) Begin(phase string) error {
	if d.ended != "" {
		return nil // what ended the boot says more than where its last phases are
	}
	return d.write(fmt.Sprintf("the last boot did not come to its end: it was in %s when the power failed, or the machine hung or was reset", phase))
}

// End notes why the boot is ended before its work is done. Of several reasons, the first counts.
func (d *Diary) End(why string) error {
	if d.ended != "" {
		return nil
	}
	d.ended = "the last boot was ended: " + why
	return d.write(d.ended)
}

// Waits tells whether there is something to be noted that still has no file.
func (d *Diary) Waits() bool { return d.ended != "" && d.file == "" }

// Close notes that the boot came to its end, unless it was ended before.
func (d *Diary) Close() error {
	file := d.file
	d.file = ""
	if file == "" || d.ended != "" {
		return nil
	}
	err := os.Remove(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// write overwrites the line in its place, which a disk does as a whole, and which stays what
// it is: so the kernel writes one block, and nothing of the file system.
func (d *Diary) write(text string) error {
	if d.file == "" {
		return nil
	}
	f, err := os.OpenFile(d.file, os.O_WRONLY|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return fmt.Errorf("noting how far the boot has come: %w", err)
	}
	line := bytes.Repeat([]byte("\n"), size)
	copy(line[:size-1], text)
	_, err = f.WriteAt(line, 0)
	if err = errors.Join(err, syscall.Fdatasync(int(f.Fd())), f.Close()); err != nil {
		return fmt.Errorf("noting how far the boot has come: %w", err)
	}
	return nil
}

// readDiary returns what the last boot noted in a file: one line. The cache may be
// anybody's: what is no regular file of a diary's size is none.
func readDiary(file string) string {
	text, err := regular.Read(file, size)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
