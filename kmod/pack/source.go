package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"bootrc/kmod"
)

// source is a folder …/lib/modules/VERSION.
type source struct {
	dir     string
	version string
	modules map[string]*module // by canonical name
	order   []*module          // by priority: as in modules.order, then the rest by path
	builtin map[string]bool    // names and aliases of what the kernel has built in
}

// module is one file of a source.
type module struct {
	name string
	file string // relative to the source, as found
	rank int    // place in modules.order

	info  *modinfo // nil until it is read
	bytes int      // when decompressed, once it is read

	compression string // of its packed file, as its end: "", ".xz"
	level       level
}

// plain is the module's path without a compressor's suffix.
func (m *module) plain() string {
	name, _, _ := strings.Cut(path.Base(m.file), ".ko")
	return path.Join(path.Dir(m.file), name+".ko")
}

// packed is the module's path in the packed tree.
func (m *module) packed() string { return m.plain() + m.compression }

func openSource(dir string) (*source, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("modules: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("modules %s: not a folder", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, "kernel")); err != nil {
		return nil, fmt.Errorf("modules %s: it has no folder kernel: give a folder …/lib/modules/VERSION", dir)
	}
	src := &source{dir: dir, version: filepath.Base(dir), modules: make(map[string]*module)}
	if src.builtin, err = src.readBuiltin(); err != nil {
		return nil, err
	}
	ranks, err := src.readOrder()
	if err != nil {
		return nil, err
	}
	if err := src.scan(ranks); err != nil {
		return nil, err
	}
	if len(src.modules) == 0 {
		return nil, fmt.Errorf("modules %s: there is no module in it", dir)
	}
	for _, m := range src.modules {
		src.order = append(src.order, m)
	}
	slices.SortFunc(src.order, func(a, b *module) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.file, b.file))
	})
	return src, nil
}

// text returns an index; one that is missing is empty.
func (s *source) text(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return string(text), nil
}

// lines returns the lines of an index.
func (s *source) lines(name string) ([]string, error) {
	text, err := s.text(name)
	return strings.Fields(text), err
}

func (s *source) readBuiltin() (map[string]bool, error) {
	files, err := s.lines("modules.builtin")
	if err != nil {
		return nil, err
	}
	builtin := make(map[string]bool)
	for _, file := range files {
		builtin[kmod.FileModule(file)] = true
	}
	info, err := s.text("modules.builtin.modinfo")
	for alias := range builtinAliases(info) {
		builtin[kmod.CanonicalName(alias)] = true
	}
	return builtin, err
}

func (s *source) readOrder() (map[string]int, error) {
	files, err := s.lines("modules.order")
	ranks := make(map[string]int)
	for i, file := range files {
		name, _, _ := strings.Cut(file, ".ko")
		ranks[name+".ko"] = i - len(files) // negative: before all that are not in it
	}
	return ranks, err
}

// scan finds the modules. Of two with one name, depmod's default takes what is in
// updates, where a distribution puts replacements.
func (s *source) scan(ranks map[string]int) error {
	return filepath.WalkDir(s.dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("modules: %w", err)
		}
		rel, err := filepath.Rel(s.dir, file)
		if err != nil {
			return err
		}
		name := kmod.FileModule(rel)
		if name == "" || entry.IsDir() || rel == "build" || rel == "source" {
			return nil
		}
		m := &module{name: name, file: rel}
		m.rank = ranks[m.plain()]
		if old := s.modules[name]; old == nil || inUpdates(m.file) && !inUpdates(old.file) {
			s.modules[name] = m
		}
		return nil
	})
}

func inUpdates(file string) bool { return strings.HasPrefix(file, "updates/") }

// parallel is how many modules are read or written at a time.
var parallel = runtime.NumCPU()

// read reads modules that were not read before.
func (s *source) read(modules []*module) error {
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, m := range modules {
		if m.info != nil {
			continue
		}
		group.Go(func() error {
			image, err := s.image(m)
			if err != nil {
				return err
			}
			m.bytes = len(image)
			if m.info, err = parseModinfo(image); err != nil {
				return fmt.Errorf("%s: %w", filepath.Join(s.dir, m.file), err)
			}
			return nil
		})
	}
	return group.Wait()
}

// image returns a module's decompressed content. The program xz takes a tenth of the
// time that our own reader does; where it is missing, that has to do.
func (s *source) image(m *module) ([]byte, error) {
	file := filepath.Join(s.dir, m.file)
	if strings.HasSuffix(file, ".xz") {
		if out, err := exec.Command("xz", "-dc", file).Output(); err == nil {
			return out, nil
		}
	}
	return kmod.ReadFile(file)
}
