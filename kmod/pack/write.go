package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"
)

// large is how many bytes of modules, decompressed, make a set one that stays compressed
// in the machine's memory. A smaller one is ready sooner as it is.
const large = 16 << 20

// everyday are folders and files of drivers that nearly every virtual machine loads, and
// every machine that runs a container: they are not compressed in a large set either.
var everyday = []string{
	"kernel/drivers/block/virtio_blk", "kernel/drivers/net/virtio_net", "kernel/drivers/virtio", "kernel/fs/overlayfs",
}

// choosePackedForms decides which modules of a set are compressed: as they were found or,
// if that is not at all, as the kernel's own tools and our reader take it soonest.
func choosePackedForms(src *source, set []*module) error {
	bytes := 0
	for _, m := range set {
		bytes += m.bytes
	}
	if bytes <= large {
		return nil
	}
	plain := make(map[*module]bool)
	for _, m := range set {
		if !slices.Contains(everyday, path.Dir(m.plain())) && !slices.Contains(everyday, m.plain()[:len(m.plain())-len(".ko")]) {
			continue
		}
		needs, err := src.closure(m)
		if err != nil {
			return err
		}
		for _, need := range append(needs, m) {
			plain[need] = true
		}
	}
	for _, m := range set {
		if !plain[m] {
			m.compression = ".zst"
			if end := path.Ext(m.file); end != ".ko" {
				m.compression = end
			}
		}
	}
	return nil
}

// write writes a set of modules with their indexes.
func write(to parts, src *source, set []*module) (*report, error) {
	dir := modulesFolder(to.tree, src)
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("%s is there already: remove it first", dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := choosePackedForms(src, set); err != nil {
		return nil, err
	}
	if err := setLevels(src, set); err != nil {
		return nil, err
	}
	files, err := indexes(src, set)
	if err != nil {
		return nil, err
	}
	r := newReport(src.version)
	if err := writeModules(to, src, set, r); err != nil {
		return nil, err
	}
	large := slices.ContainsFunc(set, func(m *module) bool { return m.compression != "" })
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part := to.tree
		if _, twin := files[name+".bin"]; twin && large && name != "modules.dep" {
			part = to.more // modprobe and the boot read the other; busybox's modprobe needs modules.dep
		}
		if err := writeFile(filepath.Join(modulesFolder(part, src), name), []byte(files[name])); err != nil {
			return nil, err
		}
		r.indexes += len(files[name])
	}
	return r, nil
}

// modulesFolder is where the kernel's programs look for modules, below a part.
func modulesFolder(part string, src *source) string {
	return filepath.Join(part, "lib/modules", src.version)
}

func writeModules(to parts, src *source, set []*module, r *report) error {
	sizes := make([]int, len(set))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, m := range set {
		group.Go(func() error {
			data, err := src.content(m)
			sizes[i] = len(data)
			if err == nil {
				err = writeFile(filepath.Join(modulesFolder(to.of(m), src), m.packed()), data)
			}
			return err
		})
	}
	err := group.Wait()
	for i, m := range set {
		r.module(m.packed(), sizes[i])
	}
	return err
}

// content returns a module's file in the form in which it is packed.
func (s *source) content(m *module) ([]byte, error) {
	switch m.compression {
	case path.Ext(m.file):
		return os.ReadFile(filepath.Join(s.dir, m.file))
	case "":
		return s.image(m)
	}
	image, err := s.image(m)
	if err != nil {
		return nil, err
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	return z.EncodeAll(image, nil), nil
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
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Chmod(dir, 0o755)
}
