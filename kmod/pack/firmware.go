package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kmod"
)

// writeFirmware copies the firmware that modules name from a folder as /lib/firmware is
// to the path below dest at which every kernel looks for it: decompressed, because not
// every kernel's loader can. Without that folder, it only counts the names.
func writeFirmware(dest, from, version string, set []*module, r *report) error {
	var names []string
	for _, m := range set {
		names = append(names, m.info.firmware...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if r.firmwareNamed = len(names); from == "" {
		return nil
	}
	for _, pattern := range names {
		for _, name := range firmwareNames(from, pattern) {
			if err := writeFirmwareFile(dest, from, version, name, r); err != nil {
				return fmt.Errorf("firmware %s: %w", name, err)
			}
		}
	}
	return nil
}

// firmwareNames returns the names that a module means: some name patterns.
func firmwareNames(from, pattern string) []string {
	if !filepath.IsLocal(pattern) {
		return nil
	}
	if !strings.ContainsAny(pattern, "*?[") {
		return []string{pattern}
	}
	files, _ := filepath.Glob(filepath.Join(from, pattern))
	var names []string
	for _, file := range files {
		if name, err := filepath.Rel(from, file); err == nil {
			names = append(names, name)
		}
	}
	return names
}

func writeFirmwareFile(dest, from, version, name string, r *report) error {
	image, err := readFirmware(from, version, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	r.firmware++
	r.firmwareBytes += len(image)
	return writeFile(filepath.Join(dest, "lib/firmware", name), image)
}

// readFirmware looks where the kernel looks (fw_path in its firmware guide).
func readFirmware(dir, version, name string) ([]byte, error) {
	for _, sub := range []string{"updates/" + version, "updates", version, ""} {
		for _, end := range []string{"", ".xz", ".zst"} {
			file := filepath.Join(dir, sub, name+end)
			if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
				continue
			}
			if end == "" && !strings.HasSuffix(name, ".xz") && !strings.HasSuffix(name, ".zst") {
				return os.ReadFile(file)
			}
			return kmod.ReadFile(file)
		}
	}
	return nil, fs.ErrNotExist
}
