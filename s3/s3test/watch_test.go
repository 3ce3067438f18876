package s3test_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bootrc/s3/s3test"
)

// A watcher is a running s3sync --watch.
type watcher struct {
	t   *testing.T
	cmd *exec.Cmd
	mu  sync.Mutex
	out bytes.Buffer
}

func (w *watcher) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

func watch(t *testing.T, s *store, args ...string) *watcher {
	t.Helper()
	w := &watcher{t: t, cmd: program(t, s, append([]string{"s3sync", "--watch"}, args...)...)}
	w.cmd.Stdout, w.cmd.Stderr = w, w
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.cmd.Process.Kill() })
	return w
}

// stop asks the watcher to end, and waits until it has.
func (w *watcher) stop() result {
	w.t.Helper()
	w.cmd.Process.Signal(syscall.SIGTERM)
	w.cmd.Wait()
	return result{Command: "s3sync --watch", Status: w.cmd.ProcessState.ExitCode(), Out: w.out.String()}
}

// TestWatch changes a folder in all ways while it is watched, and compares it with what is
// in the store in the end.
func TestWatch(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir string)
	}{
		{"files", func(t *testing.T, dir string) {
			write(t, dir+"/new", "new")
			write(t, dir+"/there", "changed")
			remove(t, dir+"/gone")
		}},
		{"folders made later", func(t *testing.T, dir string) {
			for i := range 20 {
				write(t, fmt.Sprintf("%s/later/%d/%d/file", dir, i, i), "deep")
			}
		}},
		{"a folder moved in", func(t *testing.T, dir string) {
			outside := folder(t, s3test.Object{Name: "a/b/c", Content: "moved"})
			rename(t, outside, dir+"/moved")
			time.Sleep(100 * time.Millisecond)
			write(t, dir+"/moved/a/b/d", "written after")
		}},
		{"a folder moved out and changed there", func(t *testing.T, dir string) {
			outside := filepath.Join(t.TempDir(), "outside")
			rename(t, dir+"/folder", outside)
			write(t, outside+"/file", "not to be seen")
		}},
		{"a folder renamed", func(t *testing.T, dir string) {
			rename(t, dir+"/folder", dir+"/renamed")
			write(t, dir+"/renamed/later", "later")
		}},
		{"a folder in place of a file", func(t *testing.T, dir string) {
			remove(t, dir+"/there")
			write(t, dir+"/there/inside", "inside")
		}},
		{"the folder itself", func(t *testing.T, dir string) {
			if err := errors.Join(os.Chmod(dir, 0o700), os.Chown(dir, 1, 1), os.Chtimes(dir, time.Now(), time.Now())); err != nil {
				t.Fatal(err)
			}
			time.Sleep(200 * time.Millisecond)
		}},
		{"a folder removed", func(t *testing.T, dir string) { remove(t, dir+"/folder") }},
		{"a file written to for long", func(t *testing.T, dir string) {
			f, err := os.Create(dir + "/log")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			for i := range 100 {
				fmt.Fprintf(f, "line %d\n", i)
				time.Sleep(10 * time.Millisecond)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s *store) {
				dir := folder(t, s3test.Object{Name: "there", Content: "there"}, s3test.Object{Name: "gone", Content: "gone"},
					s3test.Object{Name: "folder/file", Content: "file"})
				w := watch(t, s, "--overwrite", "--remove", dir, s.name())
				await(t, "the first pass", func() bool { return len(s.keys(t)) == 3 })
				c.change(t, dir)
				// the last write is a moment before the end
				write(t, dir+"/last", "last words")
				r := w.stop().succeeds(t)
				equalFiles(t, r, s.files(t, ""), folderFiles(t, dir))
				if strings.Contains(r.Out, "s3sync: ") {
					t.Errorf("nothing failed, but it says\n%s", r.Out)
				}
			})
		})
	}
}

// TestWatchUploadsAsItGoes has a change arrive while the watcher goes on.
func TestWatchUploadsAsItGoes(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		dir := folder(t, s3test.Object{Name: "there", Content: "there"})
		w := watch(t, s, "--overwrite", "--remove", dir, s.name())
		await(t, "the first pass", func() bool { return len(s.keys(t)) == 1 })
		write(t, dir+"/new/folder/file", "new")
		await(t, "the new file", func() bool { return s.files(t, "")["new/folder/file"] == "new" })
		write(t, dir+"/new/folder/file", "changed")
		await(t, "its change", func() bool { return s.files(t, "")["new/folder/file"] == "changed" })
		remove(t, dir+"/there")
		await(t, "the removal", func() bool { return len(s.keys(t)) == 1 })
		w.stop().succeeds(t)
	})
}

// TestWatchOverflow stops the watcher until the kernel has more to tell than it keeps
// (inotify(7), max_queued_events), and changes something after that.
func TestWatchOverflow(t *testing.T) {
	s := newStore(t, s3test.MinIO)
	dir := folder(t, s3test.Object{Name: "there", Content: "there"})
	w := watch(t, s, "--overwrite", "--remove", dir, s.name())
	await(t, "the first pass", func() bool { return len(s.keys(t)) == 1 })
	w.cmd.Process.Signal(syscall.SIGSTOP)
	for i := range 10_000 { // events that are alike count once, these are not
		write(t, fmt.Sprintf("%s/busy-%d", dir, i%2), "busy")
	}
	write(t, dir+"/unheard", "unheard")
	w.cmd.Process.Signal(syscall.SIGCONT)
	await(t, "what no event told of", func() bool { return s.files(t, "")["unheard"] == "unheard" })
	r := w.stop().succeeds(t)
	equalFiles(t, r, s.files(t, ""), folderFiles(t, dir))
}

// TestWatchFails has a server that is gone when the watcher is asked to end.
func TestWatchFails(t *testing.T) {
	s := newStore(t, s3test.MinIO)
	dir := folder(t, s3test.Object{Name: "there", Content: "there"})
	p := s.behind(t)
	w := watch(t, s, "--retry", "1", dir, s.name())
	await(t, "the first pass", func() bool { return len(s.keys(t)) == 1 })
	p.Misbehave(s3test.Fault{Answer: s3test.Refuse(503, "SlowDown", "Please reduce your request rate.")})
	write(t, dir+"/lost", "lost")
	w.stop().fails(t)
}

// TestWatchSurvives has a server that is away for a moment while the watcher goes on: what
// changed meanwhile arrives.
func TestWatchSurvives(t *testing.T) {
	s := newStore(t, s3test.MinIO)
	dir := folder(t, s3test.Object{Name: "there", Content: "there"})
	p := s.behind(t)
	w := watch(t, s, "--retry", "0", dir, s.name())
	await(t, "the first pass", func() bool { return len(s.keys(t)) == 1 })
	p.Misbehave(s3test.Fault{Answer: s3test.Refuse(503, "SlowDown", "Please reduce your request rate.")})
	write(t, dir+"/late", "late")
	await(t, "a failed upload", func() bool { return p.Struck() > 0 })
	p.Misbehave()
	w.stop().succeeds(t)
	if got := s.files(t, "")["late"]; got != "late" {
		t.Errorf("late is %q", got)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// said tells whether the watcher has printed a text.
func (w *watcher) said(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Contains(w.out.String(), text)
}
