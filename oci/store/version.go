package store

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"bootrc/kit/durable"
)

// layoutVersion is that of the layout that the package's documentation shows.
const layoutVersion = 1

// checkVersion fails on a store of a later layout. One without a version is new,
// and one that is no number says nothing.
func (f folders) checkVersion() error {
	text, err := readFile(f.path("version"))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err == nil && n > layoutVersion {
		return fmt.Errorf("%s has layout version %d, and only %d is known here: take a newer program, or another folder",
			f.root, n, layoutVersion)
	}
	return nil
}

func (s *Store) writeVersion() error {
	want := strconv.Itoa(layoutVersion) + "\n"
	if text, err := readFile(s.path("version")); err == nil && string(text) == want {
		return nil
	}
	w, err := s.scratch()
	if err != nil {
		return err
	}
	defer w.Release()
	if err := os.WriteFile(w.Path("version"), []byte(want), 0o644); err != nil {
		return err
	}
	return durable.Place(w.Path("version"), s.path("version"))
}
