package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// Kernel is one of Debian's kernels, unpacked.
type Kernel struct {
	Image   string // what a boot loader starts
	Modules string // the folder of its modules, lib/modules/VERSION
}

// fetching is held while a kernel is fetched, which another scenario may need too.
var fetching sync.Mutex

// debianKernel returns Debian's newest cloud kernel of a series such as 6.12.
// It is fetched once, into the user's cache.
func debianKernel(series string) (Kernel, error) {
	fetching.Lock()
	defer fetching.Unlock()
	cache, err := os.UserCacheDir()
	if err != nil {
		return Kernel{}, err
	}
	cache = filepath.Join(cache, "bootrc")
	name := kernelPackage(series)
	if kernel, err := unpackedKernel(filepath.Join(cache, name.glob)); err == nil {
		return kernel, nil
	}
	pkg, err := name.newest()
	if err != nil {
		return Kernel{}, err
	}
	dir := filepath.Join(cache, pkg)
	if err := unpackPackage(pkg, dir); err != nil {
		return Kernel{}, fmt.Errorf("fetch Debian's package %s: %w", pkg, err)
	}
	return unpackedKernel(dir)
}

// packageName is the name of a series' packages: as a shell's pattern, and as
// a regular expression.
type packageName struct{ prefix, glob, expression string }

func kernelPackage(series string) packageName {
	prefix := "linux-image-" + series + "."
	return packageName{prefix, prefix + "*-cloud-amd64", "^" + regexp.QuoteMeta(prefix) + `.*[0-9](\+deb[0-9]+)?-cloud-amd64$`}
}

// newest returns the name of the newest package that apt knows.
func (n packageName) newest() (string, error) {
	out, err := exec.Command("sh", "-c",
		`apt-cache pkgnames "$1" | grep -E "$2" | sort -V | tail -n 1`, "sh", n.prefix, n.expression).Output()
	if name := strings.TrimSpace(string(out)); err == nil && name != "" {
		return name, nil
	}
	return "", fmt.Errorf("apt knows no package %s: run apt-get update, on Debian 12", n.glob)
}

// unpackPackage fetches a Debian package and unpacks it as dir, whole or not
// at all.
func unpackPackage(name, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	cmd := exec.Command("sh", "-ec", `apt-get download "$1" >&2; dpkg -x ./*.deb unpacked`, "sh", name)
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return os.Rename(filepath.Join(tmp, "unpacked"), dir)
}

// unpackedKernel returns the kernel in the folder that pattern matches.
func unpackedKernel(pattern string) (Kernel, error) {
	images, _ := filepath.Glob(filepath.Join(pattern, "boot", "vmlinuz-*"))
	modules, _ := filepath.Glob(filepath.Join(pattern, "lib", "modules", "*"))
	if len(images) == 0 || len(modules) == 0 {
		return Kernel{}, fmt.Errorf("no kernel in %s", pattern)
	}
	return Kernel{images[len(images)-1], modules[len(modules)-1]}, nil
}
