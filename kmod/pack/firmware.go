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

// writeFirmware copies the firmware that modules name, where it is installed, to
// the path at which every kernel looks for it: decompressed, because not every
// kernel's loader can.
func writeFirmware(dest string, src *source, set []*module, r *report) error {
	from := filepath.Join(src.dir, "../../firmware")
	var names []string
	for _, m := range set {
		names = append(names, m.info.firmware...)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if !filepath.IsLocal(name) {
			continue
		}
		image, err := readFirmware(from, src.version, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return fmt.Errorf("firmware %s: %w", name, err)
		}
		if err := writeFile(filepath.Join(dest, "lib/firmware", name), image); err != nil {
			return err
		}
		r.firmware++
		r.firmwareBytes += len(image)
	}
	return nil
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
