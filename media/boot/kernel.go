package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bootrc/kmod"
	"bootrc/test/machine"
)

// kernel is the one that boots, and the modules that belong to it.
type kernel struct {
	image   string
	modules string          // …/lib/modules/VERSION; "": none were found, and perhaps all is built in
	loose   map[string]bool // the modules in it, by their canonical names
	builtin map[string]bool
}

// findKernel returns the kernel of -kernel, or else Debian's newest cloud kernel of 6.12, or of all.
func (o options) findKernel() (k kernel, err error) {
	if o.kernel == "" {
		series := "6.12"
		if o.arch == "arm" {
			series = "" // Debian 12 has none for it
		}
		debian, err := machine.DebianKernel(o.arch, series)
		if err != nil && series != "" {
			debian, err = machine.DebianKernel(o.arch, "")
		}
		if err != nil {
			return kernel{}, err
		}
		k.image, k.modules = debian.Image, debian.Modules
	} else {
		k.image = o.kernel
		if k.modules, err = o.findModules(); err != nil {
			return kernel{}, err
		}
	}
	return k, k.list()
}

// findModules returns the folder of the kernel's modules: what -modules says, or else what lies where an installed kernel
// and an unpacked package have them.
func (o options) findModules() (folder string, err error) {
	version, err := release(o.kernel)
	if err != nil {
		return "", err
	}
	if o.modules != "" && isModules(o.modules) {
		return o.modules, nil
	}
	roots := []string{o.modules}
	if o.modules == "" {
		above := filepath.Join(filepath.Dir(o.kernel), "..")
		roots = []string{above, filepath.Join(above, "usr"), "/"}
		if cache, err := os.UserCacheDir(); err == nil {
			debian := filepath.Join(cache, "bootrc", "linux-image-"+version)
			roots = append(roots, debian, filepath.Join(debian, "usr"))
		}
	}
	for _, root := range roots {
		if folder := filepath.Join(root, "lib/modules", version); version != "" && isModules(folder) {
			return folder, nil
		}
	}
	if o.modules != "" {
		return "", fmt.Errorf("--modules %s: neither a folder …/lib/modules/VERSION, nor is lib/modules/%s in it", o.modules, version)
	}
	return "", nil
}

// isModules tells whether a folder has a kernel's modules.
func isModules(folder string) bool {
	info, err := os.Stat(filepath.Join(folder, "kernel"))
	return err == nil && info.IsDir()
}

// release returns what uname -r will print, or "" where the file does not tell: that of a bzImage is where the x86 boot
// protocol has it (kernel_version), others have it in their banner.
func release(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if len(data) > 0x210 && string(data[0x202:0x206]) == "HdrS" {
		at := int(binary.LittleEndian.Uint16(data[0x20e:])) + 0x200
		if at < len(data) {
			return firstWord(data[at:]), nil
		}
	}
	for _, behind, found := bytes.Cut(data, []byte("Linux version ")); found; _, behind, found = bytes.Cut(behind, []byte("Linux version ")) {
		if word := firstWord(behind); word != "" && word[0] >= '0' && word[0] <= '9' {
			return word, nil
		}
	}
	return "", nil
}

// firstWord returns the text up to the first blank or zero byte.
func firstWord(data []byte) string {
	data = data[:min(len(data), 256)]
	if end := bytes.IndexAny(data, " \x00"); end >= 0 {
		return string(data[:end])
	}
	return ""
}

// list finds out which modules there are, and what is built in.
func (k *kernel) list() error {
	k.loose, k.builtin = make(map[string]bool), make(map[string]bool)
	if k.modules == "" {
		return nil
	}
	files, err := os.ReadFile(filepath.Join(k.modules, "modules.builtin"))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	for _, file := range strings.Fields(string(files)) {
		k.builtin[kmod.FileModule(file)] = true
	}
	return filepath.WalkDir(k.modules, func(file string, _ fs.DirEntry, err error) error {
		if name := kmod.FileModule(file); name != "" {
			k.loose[name] = true
		}
		return err
	})
}

// mayHave tells whether the kernel has a feature by the name of its module, as far as is known.
func (k kernel) mayHave(module string) bool {
	return k.modules == "" || k.loose[module] || k.builtin[module]
}

// drivers are the modules that the machine needs, of those that are not built in.
func (k kernel) drivers(wanted []string) []string {
	var names []string
	for _, name := range wanted {
		if k.loose[name] {
			names = append(names, name)
		}
	}
	return names
}
