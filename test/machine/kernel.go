package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Kernel is one of Debian's kernels, unpacked.
type Kernel struct {
	Image   string // what a boot loader starts
	Modules string // the folder of its modules, lib/modules/VERSION
}

// DeviceTrees is the folder of the device trees of the kernel's package: there are some for arm64.
func (k Kernel) DeviceTrees() string {
	return filepath.Join(filepath.Dir(k.Image), "../usr/lib/linux-image-"+filepath.Base(k.Modules))
}

// DebianKernel returns Debian's newest kernel of a series for an architecture: the cloud
// kernel of 6.12 or, with "", of all; with 6.12-generic, the one for real machines. It is fetched once, into the user's cache; whoever wants it
// meanwhile waits.
func DebianKernel(arch, series string) (Kernel, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return Kernel{}, err
	}
	cache = filepath.Join(cache, "bootrc")
	unlock, err := lock(cache)
	if err != nil {
		return Kernel{}, err
	}
	defer unlock()
	if kernel, err := newestKernel(cache, arch, series); err == nil {
		return kernel, nil
	}
	if err := fetchKernel(apt{arch, filepath.Join(cache, "apt-"+arch)}, cache, series); err != nil {
		return Kernel{}, fmt.Errorf("fetch Debian's kernel %s for %s: %w", series, arch, err)
	}
	return newestKernel(cache, arch, series)
}

// lock takes the lock of a folder, which it makes.
func lock(folder string) (unlock func(), err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", folder, err)
	}
	return func() { f.Close() }, nil
}

// newestKernel returns the newest kernel that is unpacked in a folder.
func newestKernel(cache, arch, series string) (Kernel, error) {
	var names []string
	entries, err := os.ReadDir(cache)
	if err != nil {
		return Kernel{}, err
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	name, err := newestPackage(names, arch, series)
	if err != nil {
		return Kernel{}, err
	}
	return unpackedKernel(filepath.Join(cache, name))
}

// unpackedKernel returns the kernel of a package that is unpacked in a folder. Since
// Debian 13, a package's modules are below usr/.
func unpackedKernel(folder string) (Kernel, error) {
	images, _ := filepath.Glob(filepath.Join(folder, "boot", "vmlinu[xz]-*"))
	modules, _ := filepath.Glob(filepath.Join(folder, "lib", "modules", "*"))
	merged, _ := filepath.Glob(filepath.Join(folder, "usr", "lib", "modules", "*"))
	modules = append(modules, merged...)
	if len(images) == 0 || len(modules) == 0 {
		return Kernel{}, fmt.Errorf("no kernel in %s", folder)
	}
	return Kernel{images[0], modules[0]}, nil
}

// packageName matches the names of kernels' packages, as linux-image-6.1.0-56-amd64
// and linux-image-6.12.117+deb12-cloud-amd64.
var packageName = regexp.MustCompile(`^linux-image-([0-9]+\.[0-9]+)\.[.0-9]*(?:-[0-9]+)?(?:\+deb[0-9]+)?(-cloud)?-([a-z0-9]+)$`)

// newestPackage returns the newest of the names that are of kernels of a series, or of
// any with "", for an architecture. There is one kernel for arm, which is ARMv7, and for riscv64.
func newestPackage(names []string, arch, series string) (string, error) {
	flavour := "-cloud"
	if generic, ok := strings.CutSuffix(series, "-generic"); ok {
		series, flavour = generic, ""
	}
	var found []string
	suffix := arch
	switch arch {
	case "arm":
		suffix, flavour = "armmp", ""
	case "riscv64":
		flavour = ""
	}
	for _, name := range names {
		m := packageName.FindStringSubmatch(name)
		if m != nil && m[2] == flavour && m[3] == suffix && (series == "" || m[1] == series) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return "", fmt.Errorf("no package is named linux-image-%s.*%s-%s: on Debian 12, they are in its updates", series, flavour, suffix)
	}
	return slices.MaxFunc(found, compareVersions), nil
}

// compareVersions compares names, with the numbers in them as numbers.
func compareVersions(a, b string) int {
	digits := regexp.MustCompile(`[0-9]+`)
	padded := func(name string) string {
		return digits.ReplaceAllStringFunc(name, func(n string) string { return fmt.Sprintf("%020s", n) })
	}
	return strings.Compare(padded(a), padded(b))
}

// fetchKernel fetches the newest kernel of a series and unpacks it in the folder cache,
// whole or not at all.
func fetchKernel(a apt, cache, series string) error {
	if err := a.update(); err != nil {
		return err
	}
	list, err := a.run("", "apt-cache", "pkgnames", "linux-image-")
	if err != nil {
		return err
	}
	name, err := newestPackage(strings.Fields(list), a.arch, series)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(cache, ".fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if _, err := a.run(tmp, "apt-get", "download", name); err != nil {
		return err
	}
	packages, err := filepath.Glob(filepath.Join(tmp, "*.deb"))
	if err != nil || len(packages) != 1 {
		return fmt.Errorf("apt-get download %s left %d packages", name, len(packages))
	}
	unpacked := filepath.Join(tmp, "unpacked")
	if out, err := exec.Command("dpkg-deb", "-x", packages[0], unpacked).CombinedOutput(); err != nil {
		return fmt.Errorf("dpkg-deb -x %s: %w\n%s", packages[0], err, out)
	}
	return os.Rename(unpacked, filepath.Join(cache, name))
}

// apt is apt with package lists of its own for one architecture: it needs no root, and leaves
// this system's lists and packages as they are.
type apt struct{ arch, lists string }

// debian is Debian's name of the architecture.
func (a apt) debian() string {
	if a.arch == "arm" {
		return "armhf"
	}
	return a.arch
}

// update fetches the package lists. Where that fails, those of the last time may do.
func (a apt) update() error {
	for _, folder := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(a.lists, folder), 0o755); err != nil {
			return err
		}
	}
	if err := a.copySources(); err != nil {
		return err
	}
	if _, err := a.run("", "apt-get", "update"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return nil
}

// copySources copies what apt has of archives. Debian 12 has no riscv64: 13 has.
func (a apt) copySources() error {
	to := filepath.Join(a.lists, "sources")
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	lists, _ := filepath.Glob("/etc/apt/sources.list.d/*.list")
	sources, _ := filepath.Glob("/etc/apt/sources.list.d/*.sources")
	for _, file := range slices.Concat(lists, sources, []string{"/etc/apt/sources.list"}) {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if a.arch == "riscv64" {
			text = bytes.ReplaceAll(text, []byte("bookworm"), []byte("trixie"))
		}
		if err := errors.Join(err, os.WriteFile(filepath.Join(to, filepath.Base(file)), text, 0o644)); err != nil {
			return err
		}
	}
	return nil
}

// run runs one of apt's programs in a folder, and returns what it prints.
func (a apt) run(folder, program string, args ...string) (string, error) {
	settings := []string{"-qq", "-o", "APT::Architecture=" + a.debian(), "-o", "APT::Architectures=" + a.debian(),
		"-o", "Dir::State=" + a.lists, "-o", "Dir::State::status=/dev/null", "-o", "Dir::Cache=" + a.lists,
		"-o", "APT::Sandbox::User=", "-o", "Dir::Etc::sourcelist=/dev/null", "-o", "Dir::Etc::sourceparts=" + filepath.Join(a.lists, "sources")}
	cmd := exec.Command(program, append(settings, args...)...)
	cmd.Dir = folder
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, complaint.String())
	}
	return string(out), nil
}
