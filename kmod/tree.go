// Package kmod loads kernel modules: by name or alias, with their dependencies
// (modprobe(8)), and for every device that the machine has (coldplug).
//
// It reads the text indexes that depmod(8) writes: modules.dep, modules.alias,
// modules.softdep, modules.symbols and modules.builtin, described in
// modules.dep(5), and of modprobe.d(5) the lines alias, blacklist, options and
// softdep, and the install lines that mean "never". Parameters and a blacklist
// also come from the kernel command line, as in modprobe(8).
//
// Indexes are parsed when first needed, once per Tree.
package kmod

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// ErrNotFound is wrapped by errors about a name that is neither a module nor an
// alias of one, neither loadable nor built in.
var ErrNotFound = errors.New("module not found")

// Tree is the modules of one kernel: a folder …/lib/modules/VERSION. It may be
// used by many goroutines at once.
type Tree struct {
	dir    string
	root   string // where /sys, /proc and modprobe.d are: "/"
	insert func(path, params string) error
	remove func(name string) error

	deps     func() (*depIndex, error)
	aliases  func() (*aliasIndex, error)
	symbols  func() (*aliasIndex, error)
	softdeps func() (map[string]softdep, error)
	builtin  func() (*builtinIndex, error)

	slots   chan struct{} // one for each insertion that may run at a time
	mu      sync.Mutex
	loading map[string]*insertion
}

// Open returns the modules in dir, a folder …/lib/modules/VERSION that depmod or
// the pack tool has indexed.
func Open(dir string) (*Tree, error) {
	if _, err := os.Stat(filepath.Join(dir, "modules.dep")); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("open modules: %w", err)
		}
		return nil, fmt.Errorf("open modules %s: it has no modules.dep: run depmod on it: %w", dir, err)
	} else if err != nil {
		return nil, fmt.Errorf("open modules: %w", err)
	}
	return newTree(dir), nil
}

func newTree(dir string) *Tree {
	t := &Tree{
		dir:     dir,
		root:    "/",
		insert:  insertFile,
		remove:  removeModule,
		slots:   make(chan struct{}, max(4, 2*runtime.NumCPU())),
		loading: make(map[string]*insertion),
	}
	t.deps = sync.OnceValues(func() (*depIndex, error) {
		text, err := t.index("modules.dep")
		return parseDeps(text), err
	})
	t.aliases = sync.OnceValues(func() (*aliasIndex, error) {
		text, err := t.index("modules.alias")
		return parseAliases(text), err
	})
	t.symbols = sync.OnceValues(func() (*aliasIndex, error) {
		text, err := t.index("modules.symbols")
		return parseAliases(text), err
	})
	t.softdeps = sync.OnceValues(func() (map[string]softdep, error) {
		text, err := t.index("modules.softdep")
		return parseSoftdeps(text), err
	})
	t.builtin = sync.OnceValues(func() (*builtinIndex, error) {
		names, err := t.index("modules.builtin")
		if err != nil {
			return nil, err
		}
		info, err := t.index("modules.builtin.modinfo")
		return parseBuiltin(names, info), err
	})
	return t
}

// index returns the text of one index; a missing one is empty.
func (t *Tree) index(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(t.dir, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read module index: %w", err)
	}
	return string(text), nil
}

// Find returns the folder of the running kernel's modules, in /lib/modules or
// /usr/lib/modules. Its error wraps fs.ErrNotExist when there is no such folder, and lists
// the kernels whose modules are there instead.
func Find() (string, error) {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "", fmt.Errorf("find modules: uname: %w", err)
	}
	return find("/", unix.ByteSliceToString(name.Release[:]))
}

// WrongKernelError reports that there are modules, but none for this kernel.
type WrongKernelError struct {
	Release string   // of the running kernel, as uname -r prints it
	Found   []string // the folders that are there
}

func (e *WrongKernelError) Error() string {
	return fmt.Sprintf("no modules for the running kernel %s: there are only %s",
		e.Release, strings.Join(e.Found, ", "))
}

// Is makes it an fs.ErrNotExist.
func (e *WrongKernelError) Is(target error) bool { return target == fs.ErrNotExist }

func find(root, release string) (string, error) {
	var others []string
	for _, parent := range []string{"lib/modules", "usr/lib/modules"} {
		parent = filepath.Join(root, parent)
		dir := filepath.Join(parent, release)
		if _, err := os.Stat(filepath.Join(dir, "modules.dep")); err == nil {
			return dir, nil
		}
		found, _ := filepath.Glob(filepath.Join(parent, "*/modules.dep"))
		for _, index := range found {
			others = append(others, filepath.Dir(index))
		}
	}
	if others != nil {
		return "", &WrongKernelError{release, others}
	}
	return "", fmt.Errorf("no modules for the running kernel %s in /lib/modules or /usr/lib/modules: %w",
		release, fs.ErrNotExist)
}
