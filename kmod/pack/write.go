package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// write writes a set of modules with their indexes and firmware below dest.
func write(dest string, src *source, set []*module) (*report, error) {
	dir := filepath.Join(dest, "lib/modules", src.version)
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("%s is there already: remove it first", dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	texts, err := indexes(src, set)
	if err != nil {
		return nil, err
	}
	r := newReport(src.version)
	for _, m := range set {
		if err := writeFile(filepath.Join(dir, m.packed()), m.image); err != nil {
			return nil, err
		}
		r.module(m.packed(), len(m.image))
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if err := writeFile(filepath.Join(dir, name), []byte(texts[name])); err != nil {
			return nil, err
		}
		r.indexes += len(texts[name])
	}
	return r, writeFirmware(dest, src, set, r)
}

// writeFile writes a file, with the folders above it, in modes that don't depend
// on the caller's umask.
func writeFile(file string, data []byte) error {
	if err := makeFolder(filepath.Dir(file)); err != nil {
		return err
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		return err
	}
	return os.Chmod(file, 0o644)
}

func makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := makeFolder(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return os.Chmod(dir, 0o755)
}
