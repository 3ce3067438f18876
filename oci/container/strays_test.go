package container

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bootrc/oci/container/streams"

	"github.com/opencontainers/runc/libcontainer/system"
	"golang.org/x/sys/unix"
)

// A container ends however often others enter it, or its PID namespace, at that moment; and nothing of them is left.
func TestEnteredWhileItEnds(t *testing.T) {
	r, image := newTestRuntime(t), testImage(t)
	none := streams.Stdio{Stdout: io.Discard, Stderr: io.Discard}
	for name, enter := range map[string]func(c *Container) error{
		"exec": func(c *Container) error {
			_, err := c.Exec(t.Context(), []string{"true"}, none)
			if err != nil && !errors.Is(err, ErrNotRunning) {
				t.Error(err)
			}
			return err
		},
		"PID namespace": func(c *Container) error {
			_, err := r.Run(t.Context(), image, Options{PID: Namespace(otherContainer + c.Name), Command: []string{"true"}}, none)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 10 {
				enterWhileItEnds(t, r, image, enter)
			}
			for end := time.Now().Add(patience); len(children(t)) > 0; time.Sleep(100 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("left: %v", children(t))
				}
			}
		})
	}
}

func enterWhileItEnds(t *testing.T, r Runtime, image Image, enter func(*Container) error) {
	c, err := r.Start(image, Options{Name: "short", Command: []string{"sleep", "0.3"}}, streams.Stdio{Stdout: io.Discard, Stderr: io.Discard}, unix.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	var entering sync.WaitGroup
	for range 4 {
		entering.Go(func() {
			for enter(c) == nil {
			}
		})
	}
	ended := make(chan error, 1)
	go func() {
		_, err := c.Wait(context.Background())
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatalf("it has not ended after %v", patience)
	}
	entering.Wait()
}

// children returns the names of this process's children that have not run a container's program.
func children(t *testing.T) (names []string) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		pid, _ := strconv.Atoi(e.Name())
		stat, err := system.Stat(pid)
		if err == nil && strings.HasPrefix(stat.Name, initName) && unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil) == nil {
			names = append(names, stat.Name)
		}
	}
	return names
}
