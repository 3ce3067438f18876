package s3test_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bootrc/s3/s3test"

	"golang.org/x/sys/unix"
)

// changings are what can happen to a file of 33 MiB while it is read; n says how often it
// has happened.
var changings = []struct {
	name string
	do   func(t *testing.T, path string, n int)
}{
	{"overwritten", func(t *testing.T, path string, n int) {
		poke(t, path, 0, fmt.Sprintf("change %04d", n))
		poke(t, path, 30<<20, fmt.Sprintf("change %04d", n))
	}},
	{"appended to", func(t *testing.T, path string, n int) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		poke(t, path, info.Size(), fmt.Sprintf("line %d\n", n))
	}},
	{"truncated", func(t *testing.T, path string, n int) {
		if err := os.Truncate(path, max(0, 20<<20-int64(n)*70_000)); err != nil {
			t.Error(err)
		}
	}},
	{"emptied and written again", func(t *testing.T, path string, n int) {
		write(t, path, strings.Repeat(fmt.Sprintf("%04d\n", n), 400_000))
	}},
	{"replaced", func(t *testing.T, path string, n int) {
		write(t, path+".new", fmt.Sprintf("new %d", n))
		rename(t, path+".new", path)
	}},
	{"replaced by a folder", func(t *testing.T, path string, n int) {
		remove(t, path)
		write(t, fmt.Sprintf("%s/%d", path, n), "inside")
	}},
	{"replaced by a link", func(t *testing.T, path string, n int) {
		remove(t, path)
		if err := os.Symlink("calm", path); err != nil {
			t.Error(err)
		}
	}},
	{"replaced by a pipe", func(t *testing.T, path string, n int) {
		remove(t, path)
		if err := unix.Mkfifo(path, 0o600); err != nil {
			t.Error(err)
		}
	}},
	{"removed", func(t *testing.T, path string, n int) { remove(t, path) }},
}

// TestChangedWhileRead has a file that changes while it goes up, once or again and again:
// that is no failure, what is stored is what it held, and the next pass brings the rest.
func TestChangedWhileRead(t *testing.T) {
	for i, c := range changings {
		for j, often := range []string{"once", "all the while"} {
			t.Run(c.name+" "+often, func(t *testing.T) {
				t.Parallel()
				changeWhileRead(t, newStore(t, kinds[(i+j)%len(kinds)]), c.do, often == "once")
			})
		}
	}
}

func changeWhileRead(t *testing.T, s *store, do func(*testing.T, string, int), once bool) {
	content := s3test.Noise(2, 33<<20)
	source := folder(t, s3test.Object{Name: "busy", Content: content}, s3test.Object{Name: "calm", Content: "calm"})
	path := filepath.Join(source, "busy")
	straight := *s
	p := s.behind(t)
	var mu sync.Mutex
	n, over := 0, false
	change := func() {
		mu.Lock()
		defer mu.Unlock()
		if !over && (n == 0 || !once) {
			do(t, path, n)
			n++
		}
	}
	large := func(r *http.Request) bool { return s3test.Upload(r) && r.ContentLength > 1<<20 }
	p.Misbehave(s3test.Fault{About: large, Before: func(r *http.Request) { r.Body = &noticingBody{r.Body, change} }})
	r := s3sync(t, s, "--overwrite", source, s.name()).succeeds(t)
	mu.Lock()
	over = true // the proxy may still read what nobody waits for any more
	mu.Unlock()
	if n == 0 {
		t.Fatalf("the file was never changed:\n%s", r.Out)
	}
	var now []byte // nil where it is no file any more
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		if now, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	got, stored := straight.files(t, "")["busy"]
	switch {
	case once && stored && got != content && got != string(now) && got != "calm" && !strings.Contains(r.Out, "changed all the while"):
		// a change that takes long may outlast the attempts, and that is said
		t.Errorf("a mixture of two states is stored\n%s", r.Out)
	case !once && !stored && now != nil:
		t.Errorf("nothing of it is stored\n%s", r.Out)
	}
	if got := straight.files(t, "")["calm"]; got != "calm" {
		t.Errorf("calm is %q\n%s", got, r.Out)
	}
	r = s3sync(t, &straight, "--overwrite", "--remove", source, s.name()).succeeds(t)
	want, have := folderFiles(t, source), straight.files(t, "")
	if _, err := os.Lstat(path); err == nil && now == nil {
		delete(have, "busy") // what a link leads to, or what was there before a pipe
	}
	equalFiles(t, r, have, want)
}

// noticingBody calls notice at each read past some bytes.
type noticingBody struct {
	io.ReadCloser
	notice func()
}

func (n *noticingBody) Read(p []byte) (int, error) {
	count, err := n.ReadCloser.Read(p)
	n.notice()
	return count, err
}

// TestLogs watches what a service writes on, faster than it can settle, beyond the end: that
// is no failure, and what is stored is how each file began.
func TestLogs(t *testing.T) {
	onEach(t, func(t *testing.T, s *store) {
		dir := folder(t)
		var writers sync.WaitGroup
		var stop atomic.Bool
		for _, name := range []string{"small", "large"} {
			file, err := os.Create(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			line := strings.Repeat(name, map[string]int{"small": 5, "large": 50_000}[name]) + "\n"
			writers.Go(func() {
				defer file.Close()
				for size := 0; !stop.Load() && size < 34<<20; size += len(line) {
					io.WriteString(file, line)
					time.Sleep(time.Millisecond)
				}
			})
		}
		t.Cleanup(func() { stop.Store(true); writers.Wait() })
		w := watch(t, s, "--overwrite", "--remove", dir, s.name())
		await(t, "the first pass", func() bool { return len(s.keys(t)) == 2 })
		s3sync(t, s, "--overwrite", "--remove", dir, s.name()).succeeds(t) // as at a container's end
		w.stop().succeeds(t)
		stop.Store(true)
		writers.Wait()
		for name, got := range s.files(t, "") {
			if want, err := os.ReadFile(filepath.Join(dir, name)); err != nil || got == "" || !strings.HasPrefix(string(want), got) {
				t.Errorf("%s: what is stored is not how it began (%d bytes of %d), %v", name, len(got), len(want), err)
			}
		}
	})
}

// TestVanishing has what was listed go, or become something else, before it is read.
func TestVanishing(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, path string){
		"files removed":             func(t *testing.T, path string) { remove(t, path+"/b/2"); remove(t, path+"/b/3") },
		"a folder removed":          func(t *testing.T, path string) { remove(t, path+"/b") },
		"a folder renamed":          func(t *testing.T, path string) { rename(t, path+"/b", path+"/x") },
		"a folder that is a file":   func(t *testing.T, path string) { remove(t, path+"/b"); write(t, path+"/b", "file") },
		"a folder that is a link":   func(t *testing.T, path string) { rename(t, path+"/b", path+"/x"); link(t, "x", path+"/b") },
		"a file that is a folder":   func(t *testing.T, path string) { remove(t, path+"/b/2"); write(t, path+"/b/2/x", "x") },
		"a file that is a dangling": func(t *testing.T, path string) { remove(t, path+"/b/2"); link(t, "nowhere", path+"/b/2") },
	} {
		for _, options := range []string{"", "--preserve", "--checksum --preserve"} {
			t.Run(name+" "+options, func(t *testing.T) {
				s := newStore(t, s3test.MinIO)
				objects := []s3test.Object{{Name: "a", Content: "first"}}
				for i := range 4 {
					objects = append(objects, s3test.Object{Name: fmt.Sprintf("b/%d", i), Content: "old"}, s3test.Object{Name: fmt.Sprintf("c/%d", i), Content: "old"})
				}
				source := folder(t, objects...)
				if options != "" {
					s3sync(t, s, source, s.name()).succeeds(t) // for something to compare with
				}
				write(t, source+"/a", "changed")
				s.behind(t).Misbehave(s3test.Fault{About: func(r *http.Request) bool {
					return s3test.Upload(r) && strings.HasSuffix(r.URL.Path, "/a")
				}, Times: 1, Before: func(*http.Request) { change(t, source) }})
				args := append(strings.Fields(options), "--concurrency", "1", "--overwrite", "--remove", source, s.name())
				s3sync(t, s, args...).succeeds(t)
				r := s3sync(t, s, args...).succeeds(t)
				if options == "" { // which takes a link for its file, and leaves others
					want := folderFiles(t, source)
					for name, content := range s.files(t, "") {
						if want[name] != content {
							t.Errorf("%q is %q\n%s", name, content, r.Out)
						}
					}
				}
			})
		}
	}
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}
