// Program containers measures a container from nothing to nothing: how long until its program
// has said something, and until nothing of it is left, by us, by runc and by podman, one after
// another in turns. Usage: containers [-n NUMBER] (as root; it needs busybox-static, runc, podman)
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bootrc/oci/container"
	"bootrc/oci/container/streams"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// took is what one container took.
type took struct{ first, all time.Duration }

// way is one of those that are compared.
type way struct {
	name string
	run  func(privileged bool, out io.Writer) error
}

func main() {
	n := flag.Int("n", 20, "how often each is run")
	flag.Parse()
	if err := measure(*n); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(n int) error {
	work, err := os.MkdirTemp("", "containers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	root := filepath.Join(work, "root")
	if err := makeRoot(root); err != nil {
		return err
	}
	podman, err := newPodman(work, root)
	if err != nil {
		return err
	}
	defer podman.remove()
	ways := []way{{"bootrc", ours(work, root)}, {"runc", runc(work, root)}, {"podman", podman.run}}
	for _, privileged := range []bool{false, true} {
		results := make([][]took, len(ways))
		for range n {
			for i, w := range ways {
				t, err := once(w, privileged)
				if err != nil {
					return fmt.Errorf("%s: %w", w.name, err)
				}
				results[i] = append(results[i], t)
			}
		}
		print(ways, results, privileged)
	}
	return nil
}

// makeRoot makes a root with busybox.
func makeRoot(root string) error {
	for _, folder := range []string{"bin", "etc", "proc", "sys", "dev", "tmp", "run"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			return err
		}
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return err
	}
	binary, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "bin/echo"), binary, 0o755)
}

// firstByte notes when something comes.
type firstByte struct{ at time.Time }

func (f *firstByte) Write(p []byte) (int, error) {
	if f.at.IsZero() && len(p) > 0 {
		f.at = time.Now()
	}
	return len(p), nil
}

func once(w way, privileged bool) (took, error) {
	var out firstByte
	begin := time.Now()
	if err := w.run(privileged, &out); err != nil {
		return took{}, err
	}
	if out.at.IsZero() {
		return took{}, fmt.Errorf("the container said nothing")
	}
	return took{out.at.Sub(begin), time.Since(begin)}, nil
}

func ours(work, root string) func(bool, io.Writer) error {
	r := container.Runtime{Bundles: filepath.Join(work, "bundles"), State: filepath.Join(work, "state")}
	image := container.Image{Name: "busybox", Layers: []string{root}}
	return func(privileged bool, out io.Writer) error {
		o := container.Options{Command: []string{"/bin/echo", "x"}, Privileged: privileged}
		status, err := r.Run(context.Background(), image, o, streams.Stdio{Stdout: out, Stderr: os.Stderr})
		if err == nil && status != 0 {
			err = fmt.Errorf("status %d", status)
		}
		return err
	}
}

// runc runs what `runc spec` describes, with the system call filter that we have.
func runc(work, root string) func(bool, io.Writer) error {
	return func(privileged bool, out io.Writer) error {
		bundle := filepath.Join(work, fmt.Sprint("bundle-", privileged))
		if _, err := os.Stat(bundle); err != nil {
			if err := writeBundle(bundle, root, privileged); err != nil {
				return err
			}
		}
		c := exec.Command("runc", "run", "-b", bundle, "bench")
		c.Stdout, c.Stderr = out, os.Stderr
		return c.Run()
	}
}

func writeBundle(bundle, root string, privileged bool) error {
	if err := os.Mkdir(bundle, 0o755); err != nil {
		return err
	}
	if out, err := exec.Command("runc", "spec", "-b", bundle).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	file := filepath.Join(bundle, "config.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var spec specs.Spec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	spec.Process.Terminal, spec.Process.Args = false, []string{"/bin/echo", "x"}
	spec.Root = &specs.Root{Path: root}
	if !privileged {
		if spec.Linux.Seccomp, err = seccomp.GetDefaultProfile(&spec); err != nil {
			return err
		}
	}
	if text, err = json.Marshal(spec); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// podman has a store of its own.
type podman struct{ global []string }

func newPodman(work, root string) (*podman, error) {
	p := &podman{[]string{"--root", filepath.Join(work, "podman"), "--runroot", filepath.Join(work, "podman-run"),
		"--cgroup-manager", "cgroupfs", "--runtime", "runc"}}
	tar := exec.Command("tar", "-C", root, "-c", ".")
	packed, err := tar.Output()
	if err != nil {
		return nil, err
	}
	c := p.command("import", "-", "bench")
	c.Stdin = bytes.NewReader(packed)
	if out, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("podman import: %w: %s", err, out)
	}
	return p, nil
}

func (p *podman) command(words ...string) *exec.Cmd {
	return exec.Command("podman", slices.Concat(p.global, words)...)
}

func (p *podman) run(privileged bool, out io.Writer) error {
	words := []string{"run", "--rm", "--network=host", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"}
	if privileged {
		words = append(words, "--privileged")
	}
	c := p.command(append(words, "bench", "/bin/echo", "x")...)
	var said strings.Builder
	c.Stdout, c.Stderr = out, &said
	if err := c.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, &said)
	}
	return nil
}

func (p *podman) remove() { p.command("system", "reset", "-f").Run() }

func print(ways []way, results [][]took, privileged bool) {
	kind := "with podman's rights"
	if privileged {
		kind = "--privileged"
	}
	fmt.Printf("%s: milliseconds, median of %d, and times runc's\n", kind, len(results[0]))
	first := func(t took) time.Duration { return t.first }
	all := func(t took) time.Duration { return t.all }
	for i, w := range ways {
		fmt.Printf("%-8s first output %6.1f  %5.2f   all %6.1f  %5.2f\n", w.name,
			median(results[i], first), median(results[i], first)/median(results[1], first),
			median(results[i], all), median(results[i], all)/median(results[1], all))
	}
}

func median(list []took, of func(took) time.Duration) float64 {
	var all []time.Duration
	for _, t := range list {
		all = append(all, of(t))
	}
	slices.Sort(all)
	return float64(all[len(all)/2]) / float64(time.Millisecond)
}
