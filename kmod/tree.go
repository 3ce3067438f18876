// Package kmod loads kernel modules: by name or alias, with their dependencies
// (modprobe(8)), and for every device that the machine has (coldplug).
//
// It reads the indexes that depmod(8) writes, described in modules.dep(5), in their
// binary form, in which a look-up takes no time to prepare, and modules.softdep; and of
// modprobe.d(5) the lines alias, blacklist, options and softdep, and the install lines
// that mean "never". Parameters and deny lists also come from the kernel command line,
// as in modprobe(8).
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

	"bootrc/kmod/index"

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

	deps           func() (*index.Index, error)
	aliases        func() (*index.Index, error)
	symbols        func() (*index.Index, error)
	builtin        func() (*index.Index, error) // names
	builtinAliases func() (*index.Index, error)
	softdeps       func() (map[string]softdep, error)

	slots   chan struct{} // one for each insertion that may run at a time
	mu      sync.Mutex
	loading map[string]*insertion
}

// indexFile is the index without which there are no modules.
const indexFile = "modules.dep.bin"

// Open returns the modules in dir, a folder …/lib/modules/VERSION that depmod or
// the pack tool has indexed.
func Open(dir string) (*Tree, error) {
	if _, err := os.Stat(filepath.Join(dir, indexFile)); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("open modules: %w", err)
		}
		return nil, fmt.Errorf("open modules %s: it has no %s: run depmod on it: %w", dir, indexFile, err)
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
	t.deps = t.once("modules.dep.bin")
	t.aliases = t.once("modules.alias.bin")
	t.symbols = t.once("modules.symbols.bin")
	t.builtin = t.once("modules.builtin.bin")
	t.builtinAliases = t.once("modules.builtin.alias.bin")
	t.softdeps = sync.OnceValues(func() (map[string]softdep, error) {
		text, err := t.read("modules.softdep")
		return parseSoftdeps(string(text)), err
	})
	return t
}

// once reads an index when it is first wanted.
func (t *Tree) once(name string) func() (*index.Index, error) {
	return sync.OnceValues(func() (*index.Index, error) {
		data, err := t.read(name)
		if err != nil {
			return nil, err
		}
		x, err := index.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: run depmod on its folder", filepath.Join(t.dir, name), err)
		}
		return x, nil
	})
}

// read returns what is in a file of the Tree; one that is missing is empty.
func (t *Tree) read(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(t.dir, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read module index: %w", err)
	}
	return data, nil
}

// needs returns a module's file and the names of the modules that it needs, from
// modules.dep: "FILE: FILE…", with all that it depends on, directly or not.
func (t *Tree) needs(module string) (file string, needs []string, err error) {
	deps, err := t.deps()
	if err != nil {
		return "", nil, err
	}
	lines := deps.Find(module)
	if len(lines) == 0 {
		return "", nil, fmt.Errorf("%s is not in %s/modules.dep", module, t.dir)
	}
	file, rest, _ := strings.Cut(lines[0], ":")
	for word := range strings.FieldsSeq(rest) {
		if need := FileModule(word); need != "" {
			needs = append(needs, need)
		}
	}
	return file, needs, nil
}

// path returns where a file of modules.dep is: relative to the Tree's folder, as
// depmod writes it, or absolute, as old ones did.
func (t *Tree) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(t.dir, file)
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

// WrongKernelError reports modules of other kernels, and none of this one.
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
		if _, err := os.Stat(filepath.Join(dir, indexFile)); err == nil {
			return dir, nil
		}
		found, _ := filepath.Glob(filepath.Join(parent, "*/"+indexFile))
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
