package container

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootrc/oci/container/streams"

	"github.com/opencontainers/cgroups"
	"github.com/opencontainers/cgroups/manager"
	"golang.org/x/sys/unix"
)

// A program that was killed leaves its container running. The next container of that name
// takes its place.
func TestNameOfKilled(t *testing.T) {
	if layer := os.Getenv("KILLED_LAYER"); layer != "" {
		r := Runtime{Bundles: os.Getenv("KILLED_BUNDLES"), State: os.Getenv("KILLED_STATE")}
		image := Image{Layers: []string{layer}}
		image.Config.Env = []string{"PATH=/bin"}
		options := Options{Name: "job", PID: nsHost, Command: []string{"sh", "-c", "echo $$; exec sleep 4321"}}
		r.Run(t.Context(), image, options, streams.Stdio{Stdout: os.Stdout, Stderr: os.Stderr})
		return
	}
	r, image := newTestRuntime(t), testImage(t)
	command := exec.Command(os.Args[0], "-test.run=^TestNameOfKilled$")
	command.Env = append(os.Environ(), "KILLED_LAYER="+image.Layers[0], "KILLED_BUNDLES="+r.Bundles, "KILLED_STATE="+r.State)
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	pid := make([]byte, 32)
	n, err := io.ReadAtLeast(out, pid, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := runWords(t, r, image, "--name=job", "true"); err == nil || err.Error() != `a container with the name "job" is there already` {
		t.Errorf("while it runs: %v", err)
	}
	command.Process.Signal(unix.SIGKILL)
	command.Wait()
	if got, status, err := runWords(t, r, image, "--name=job", "echo", "mine"); err != nil || status != 0 || got != "mine\n" {
		t.Errorf("got %q, status %d, %v", got, status, err)
	}
	for range 100 {
		cmdline, _ := os.ReadFile("/proc/" + strings.TrimSpace(string(pid[:n])) + "/cmdline")
		if !strings.Contains(string(cmdline), "4321") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("its process is left")
}

// What a container has left behind, though nobody has its name any more, does not keep the next
// one of that name from starting.
func TestNameOfWhatIsLeft(t *testing.T) {
	r, image := newTestRuntime(t), testImage(t)
	for name, leave := range map[string]func(t *testing.T, group cgroups.Manager){
		"a record": func(t *testing.T, _ cgroups.Manager) { write(t, filepath.Join(r.State, "job/state.json"), "{") },
		"an empty folder": func(t *testing.T, _ cgroups.Manager) {
			if err := os.MkdirAll(filepath.Join(r.State, "job"), 0o711); err != nil {
				t.Fatal(err)
			}
		},
		"a process": func(t *testing.T, group cgroups.Manager) {
			sleeper := exec.Command("sleep", "1000")
			if err := sleeper.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { sleeper.Process.Kill(); sleeper.Wait() })
			if err := group.Apply(sleeper.Process.Pid); err != nil {
				t.Fatal(err)
			}
		},
		"a frozen group": func(t *testing.T, group cgroups.Manager) {
			if err := errors.Join(group.Apply(-1), group.Freeze(cgroups.Frozen)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := groupOf(filepath.Join(r.Bundles, "job/root"), "job")
			group, err := manager.New(&cgroups.Cgroup{Path: path, Resources: new(cgroups.Resources)})
			if err != nil {
				t.Fatal(err)
			}
			leave(t, group)
			if got, status, err := runWords(t, r, image, "--name=job", "echo", "mine"); err != nil || status != 0 || got != "mine\n" {
				t.Errorf("got %q, status %d, %v", got, status, err)
			}
			if group.Exists() {
				t.Error("its control group is left")
			}
		})
	}
}
