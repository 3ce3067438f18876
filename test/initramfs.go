package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"bootrc/test/machine"
)

// drivers are the modules of what QEMU's machine has and of what containers
// need. Debian's kernels have some of them built in.
var drivers = []string{"virtio_pci", "virtio_net", "virtio_blk", "overlay"}

// builder builds, once for all scenarios, what their initramfs consist of.
type builder struct {
	dir    string // where it builds
	once   sync.Once
	base   string
	err    error
	mu     sync.Mutex
	folder map[string]string // of packed modules, by kernel and names
}

// initramfs returns the initramfs that mkinitramfs.sh writes.
func (b *builder) initramfs() (file string, err error) {
	b.once.Do(func() {
		b.base = filepath.Join(b.dir, "initramfs")
		build := exec.Command("../mkinitramfs.sh", "-o", b.base)
		if out, err := build.CombinedOutput(); err != nil {
			b.err = fmt.Errorf("%v: %w\n%s", build, err, out)
		}
	})
	return b.base, b.err
}

// modules returns a folder with these modules of a kernel and all that they
// need, as they go on an initramfs.
func (b *builder) modules(kernel machine.Kernel, names []string) (folder string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := kernel.Modules + " " + strings.Join(names, ",")
	if folder, ok := b.folder[key]; ok {
		return folder, nil
	}
	if folder, err = os.MkdirTemp(b.dir, "modules"); err != nil {
		return "", err
	}
	if err := machine.Pack("..", kernel, names, folder); err != nil {
		return "", err
	}
	if b.folder == nil {
		b.folder = make(map[string]string)
	}
	b.folder[key] = folder
	return folder, nil
}
