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
	mu     sync.Mutex
	bases  map[string]func() (file string, err error) // by the options
	folder map[string]string                          // of packed modules, by kernel and names
}

// initramfs returns the initramfs that mkinitramfs.sh writes with these options.
func (b *builder) initramfs(options ...string) (file string, err error) {
	key := strings.Join(options, " ")
	b.mu.Lock()
	if b.bases == nil {
		b.bases = make(map[string]func() (string, error))
	}
	if b.bases[key] == nil {
		base := filepath.Join(b.dir, fmt.Sprintf("initramfs%d", len(b.bases)))
		b.bases[key] = sync.OnceValues(func() (string, error) {
			build := exec.Command("../mkinitramfs.sh", append([]string{"-o", base}, options...)...)
			if out, err := build.CombinedOutput(); err != nil {
				return "", fmt.Errorf("%v: %w\n%s", build, err, out)
			}
			return base, nil
		})
	}
	build := b.bases[key]
	b.mu.Unlock()
	return build()
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
