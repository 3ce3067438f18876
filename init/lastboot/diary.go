package lastboot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"bootrc/kit/durable"
)

// Diary is a file on the cache in which the boot notes how far it has come, so that
// the next one knows where it was when the power failed or the machine was reset.
type Diary string

// maxDiary bounds what is read of a diary.
const maxDiary = 4 << 10

// Begin notes that a phase begins. Without the folder of the diary there is no
// cache, and nothing to do.
func (d Diary) Begin(phase string) error {
	return d.write(fmt.Sprintf("the last boot did not come to its end: it was in %s when the power failed, or the machine hung or was reset", phase))
}

// Ended notes why the boot ends before its work is done.
func (d Diary) Ended(why string) error { return d.write("the last boot was ended: " + why) }

// Close notes that the boot came to its end.
func (d Diary) Close() error {
	if d == "" {
		return nil
	}
	err := os.Remove(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (d Diary) write(text string) error {
	err := durable.WriteFile(string(d), []byte(text+"\n"), 0o600)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("noting how far the boot has come: %w", err)
	}
	return nil
}

func (d Diary) read() (string, error) {
	f, err := os.Open(string(d))
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxDiary))
	line, _, _ := strings.Cut(string(text), "\n")
	return line, err
}
