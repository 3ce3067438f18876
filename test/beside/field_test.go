package beside_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// field is where both sides work: podman with a store of its own, and bootrc, which has that
// store for an additional one.
type field struct {
	dir     string
	program string          // bootrc
	built   map[string]bool // images
}

// patience is how long a case may take on one side, on however slow a machine.
const patience = 10 * time.Minute

// storageArguments are podman's for a host without systemd.
var storageArguments = []string{"--storage-driver", "overlay", "--cgroup-manager", "cgroupfs", "--runtime", "runc", "--events-backend", "none"}

func newField(t *testing.T) *field {
	dir, err := os.MkdirTemp("", "beside") // podman's path may have 50 characters
	if err != nil {
		t.Fatal(err)
	}
	f := &field{dir: dir, program: filepath.Join(dir, "init"), built: make(map[string]bool)}
	t.Cleanup(func() {
		unix.Unmount(f.path("root/overlay"), unix.MNT_DETACH)
		unix.Unmount(f.path("lib/run/bootrc/imagestore"), unix.MNT_DETACH)
		os.RemoveAll(dir)
	})
	build := exec.Command("go", "build", "-trimpath", "-tags", "netgo osusergo seccomp",
		"-ldflags", `-linkmode external -extldflags "-static"`, "-o", f.program, "bootrc/init")
	if *program != "" {
		f.program = *program
	} else if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	f.makeContext(t)
	cdi := f.path("lib/run/cdi")
	if err := os.MkdirAll(cdi, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(cdi, os.DirFS("cdi")); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *field) path(name string) string { return filepath.Join(f.dir, name) }

func (f *field) podmanCommand() []string {
	return append([]string{"podman", "--root", f.path("root"), "--runroot", f.path("run")}, storageArguments...)
}

// makeContext makes the folder that images are built from.
func (f *field) makeContext(t *testing.T) {
	if err := os.CopyFS(f.path("context"), os.DirFS("images")); err != nil {
		t.Fatal(err)
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Fatalf("%v: it is Debian's package busybox-static", err)
	}
	if out, err := exec.Command("cp", busybox, f.path("context")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

var imageName = regexp.MustCompile(`localhost/([a-z-]+)`)

// makeImages builds those images that a script names, each from its file, after box, which others build on.
func (f *field) makeImages(t *testing.T, script string) {
	for _, found := range imageName.FindAllStringSubmatch("localhost/box "+script, -1) {
		name := found[1]
		file := f.path("context/" + name + ".containerfile")
		if _, err := os.Stat(file); err != nil || f.built[name] { // or an image that is not to be there
			continue
		}
		args := append(f.podmanCommand(), "build", "-q", "--format", "docker", "-t", "localhost/"+name, "-f", file, f.path("context"))
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("image %s: %v: %s", name, err, out)
		}
		f.built[name] = true
	}
}

// outcome is what came of a script on one side.
type outcome struct{ said, complained string }

func (o outcome) all() string { return o.said + o.complained }

// podman's defaults for limits are more than a test machine may allow.
const limits = "--ulimit nofile=1024:1024 --ulimit nproc=1024:1024"

// podmans are its defaults where control groups have one tree, and what docs/containers.md says of processes.
const podmans = "--cgroupns=private --pids-limit=-1"

func (f *field) podman(t *testing.T, script string) outcome {
	return f.run(t, runFunction(strings.Join(f.podmanCommand(), " ")+" run --rm "+podmans)+script, "dash")
}

func (f *field) bootrc(t *testing.T, script string) outcome {
	return f.run(t, runFunction("runc-run")+script, f.program, "sh")
}

// runFunction is the shell function run: the machine's network, unless a case has another one,
// because podman refuses two.
func runFunction(command string) string {
	return fmt.Sprintf(`run() {
	network=--network=host
	case " $*" in *" --net"*) network= ;; esac
	%s $network %s "$@"
}
`, command, limits)
}

// run runs a script in mounts of its own, where /var/lib, /storage and /run are the test's, and in a folder
// of its own, whose path is the same on both sides.
func (f *field) run(t *testing.T, script string, shell ...string) outcome {
	work := f.path("work")
	defer os.RemoveAll(work)
	if err := os.CopyFS(work, os.DirFS("files")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	prepare := `set -e
lib=$1 store=$2; shift 2
mkdir -p "$lib/var" "$lib/storage" "$lib/run/bootrc/imagestore"
[ ! -d /storage ] || mount --bind "$lib/storage" /storage
mount --bind "$lib/var" /var/lib
mount --bind "$lib/run" /run
mount --bind "$store" /run/bootrc/imagestore
exec "$@"`
	args := append([]string{"-c", prepare, "sh", f.path("lib"), f.path("root")}, shell...)
	cmd := exec.CommandContext(ctx, "dash", append(args, "-c", script+"echo \"status $?\"\n")...)
	cmd.Dir, cmd.Env = work, append(os.Environ(), "DIR="+work, "CALLER=of the caller", "HTTP_PROXY=http://proxy.example")
	cmd.SysProcAttr = &unix.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	var said, complained bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complained
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{alike(said.String(), f.dir), complained.String()}
}
