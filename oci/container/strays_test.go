package container

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"bootrc/oci/container/streams"

	"github.com/opencontainers/runc/libcontainer/system"
	"golang.org/x/sys/unix"
)

// A container ends however often processes enter it at that moment, and none of them is left.
func TestEnteredWhileItEnds(t *testing.T) {
	r, image := newTestRuntime(t), testImage(t)
	none := streams.Stdio{Stdout: io.Discard, Stderr: io.Discard}
	for range 10 {
		c, err := r.Start(image, Options{Name: "short", Command: []string{"sleep", "0.2"}}, none, unix.SIGTERM)
		if err != nil {
			t.Fatal(err)
		}
		var entering sync.WaitGroup
		for range 4 {
			entering.Go(func() {
				for {
					if _, err := c.Exec(t.Context(), []string{"true"}, none); err != nil {
						if !errors.Is(err, ErrNotRunning) {
							t.Error(err)
						}
						return
					}
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
	for end := time.Now().Add(patience); len(children(t)) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("left: %v", children(t))
		}
	}
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
		if err == nil && stages[stat.Name] && unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil) == nil {
			names = append(names, stat.Name)
		}
	}
	return names
}
