package faults_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/s3/s3test"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/sys/unix"
)

// site is where one command works: its folder, a file system of its own, and the server behind a proxy
// that misbehaves.
type site struct {
	storage string // in place of /storage
	proxy   *s3test.Proxy
	args    []string
	env     []string

	// lacks says what of the result is not there; wrong what should not be there, also after
	// an attempt that failed.
	lacks, wrong func(t *testing.T) string
}

// newSite mounts a file system of so many bytes.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{storage: filepath.Join(t.TempDir(), "storage")}
	if err := os.Mkdir(s.storage, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("storage", s.storage, "tmpfs", 0, "size=256m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(s.storage, unix.MNT_DETACH) })
	return s
}

// resize gives the site's file system another size.
func (s *site) resize(t *testing.T, size string) {
	t.Helper()
	if err := unix.Mount("storage", s.storage, "tmpfs", unix.MS_REMOUNT, "size="+size); err != nil {
		t.Fatal(err)
	}
}

func (s *site) behind(t *testing.T, address string) {
	s.proxy = s3test.NewProxy(strings.TrimPrefix(address, "http://"))
	t.Cleanup(s.proxy.Close)
}

// command prepares the command as a process.
func (s *site) command(t *testing.T, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{roleVariable + "=" + s.storage, "GORACE=atexit_sleep_ms=0", "PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "TMPDIR=" + cmd.Dir}, s.env...)
	return cmd
}

// run runs it to its end, and returns its status and what it said.
func (s *site) run(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	cmd := s.command(t, args...)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	cmd.Run()
	if strings.Contains(b.String(), "DATA RACE") || strings.Contains(b.String(), "goroutine ") {
		t.Fatalf("%q: a race or a panic:\n%s", args, &b)
	}
	return cmd.ProcessState.ExitCode(), b.String()
}

// succeeds runs the command a last time, and has all be as it should.
func (s *site) succeeds(t *testing.T) {
	t.Helper()
	if status, out := s.run(t, s.args...); status != 0 {
		t.Errorf("%q: status %d:\n%s", s.args, status, out)
	}
	if text := s.lacks(t) + s.wrong(t); text != "" {
		t.Error(text)
	}
}

// newPull is a pull of an image of several layers.
func newPull(t *testing.T) *site {
	s := newSite(t)
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	image, err := random.Image(1<<20, 8)
	if err != nil {
		t.Fatal(err)
	}
	s.behind(t, server.URL)
	push(t, image, server.URL)
	reference := strings.TrimPrefix(s.proxy.URL, "http://") + "/box"
	s.args = []string{"pull", "-q", "--tls-verify=false", reference}
	s.lacks = func(t *testing.T) string {
		if status, out := s.run(t, "images"); status != 0 || !strings.Contains(out, "box") {
			return fmt.Sprintf("the store has no box: status %d, %s\n", status, out)
		}
		return ""
	}
	s.wrong = func(t *testing.T) string {
		if status, out := s.run(t, "images", "--check"); status != 0 {
			return fmt.Sprintf("the store is not whole: status %d, %s\n", status, out)
		}
		return leftovers(t, filepath.Join(s.storage, "oci"))
	}
	return s
}

func push(t *testing.T, image v1.Image, url string) {
	t.Helper()
	ref, err := name.ParseReference(strings.TrimPrefix(url, "http://")+"/box", name.Insecure)
	if err == nil {
		err = remote.Write(ref, image)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// leftovers lists what is in a folder under a name of what is unfinished.
func leftovers(t *testing.T, folder string) string {
	var found []string
	filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		base := filepath.Base(path)
		if err == nil && (strings.Contains(base, ".new") || strings.HasPrefix(base, ".s3sync") || strings.HasSuffix(filepath.Dir(path), "/work")) {
			found = append(found, path)
		}
		return nil
	})
	if len(found) > 0 {
		return fmt.Sprintf("left: %q\n", found)
	}
	return ""
}

// objects are what is mirrored: small ones, and one that goes in parts.
var objects = append(s3test.Many(40, 3000), s3test.Object{Name: "large", Content: s3test.Noise(1, 33<<20)})

// newMirror makes a bucket and a folder.
func newMirror(t *testing.T) (s *site, bucket string, server *s3test.Server) {
	s = newSite(t)
	server, err := s3test.NewServer(s3test.MinIO, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	if err := server.MakeBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	s.behind(t, server.URL())
	s.env = []string{"MC_HOST_store=" + strings.Replace(s.proxy.URL, "://", "://"+s3test.AccessKey+":"+s3test.SecretKey+"@", 1)}
	return s, "store/bucket", server
}

// newUpload is a mirror of a folder in a bucket.
func newUpload(t *testing.T) *site {
	s, bucket, server := newMirror(t)
	source := filepath.Join(s.storage, "source")
	makeFolder(t, source)
	want := digests(t, source)
	client, err := server.Client()
	if err != nil {
		t.Fatal(err)
	}
	s.args = []string{"s3sync", "--retry", "6", source, bucket}
	s.lacks = func(t *testing.T) string {
		back := filepath.Join(t.TempDir(), "back")
		p := *s
		p.env = []string{"MC_HOST_store=" + strings.Replace(server.URL(), "://", "://"+s3test.AccessKey+":"+s3test.SecretKey+"@", 1)}
		os.Mkdir(back, 0o755)
		p.run(t, "s3sync", bucket, back)
		return differ(want, digests(t, back))
	}
	s.wrong = func(t *testing.T) string {
		text := differ(want, digests(t, source))
		for u := range client.ListIncompleteUploads(t.Context(), "bucket", "", true) {
			text += fmt.Sprintf("left: parts of %s, %v\n", u.Key, u.Err)
		}
		return text
	}
	return s
}

// newDownload is a mirror of a bucket in a folder, in which other files are.
func newDownload(t *testing.T) *site {
	s, bucket, server := newMirror(t)
	source, back := filepath.Join(t.TempDir(), "source"), filepath.Join(s.storage, "back")
	makeFolder(t, source)
	p := *s
	p.env = []string{"MC_HOST_store=" + strings.Replace(server.URL(), "://", "://"+s3test.AccessKey+":"+s3test.SecretKey+"@", 1)}
	if status, out := p.run(t, "s3sync", source, bucket); status != 0 {
		t.Fatal(out)
	}
	if err := os.Mkdir(back, 0o755); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(back, "own")
	if err := os.WriteFile(own, []byte("own"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := digests(t, source)
	s.args = []string{"s3sync", "--retry", "6", bucket, back}
	s.lacks = func(t *testing.T) string {
		got := digests(t, back)
		delete(got, "own")
		return differ(want, got)
	}
	s.wrong = func(t *testing.T) string {
		text := leftovers(t, back)
		for name, digest := range digests(t, back) {
			if name != "own" && want[name] != digest {
				text += fmt.Sprintf("%s is there, and is not what it should be\n", name)
			}
		}
		if content, err := os.ReadFile(own); err != nil || string(content) != "own" {
			text += fmt.Sprintf("the folder's own file: %q, %v\n", content, err)
		}
		return text
	}
	return s
}

func makeFolder(t *testing.T, folder string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s3test.Make(folder, objects...); err != nil {
		t.Fatal(err)
	}
}

// digests are what is in a folder, by name.
func digests(t *testing.T, folder string) map[string]string {
	t.Helper()
	tree, err := s3test.ReadTree(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for name, e := range tree {
		if e.Content != "" {
			all[name] = e.Content
		}
	}
	return all
}

func differ(want, got map[string]string) string {
	if maps.Equal(want, got) {
		return ""
	}
	return fmt.Sprintf("want %q,\ngot %q\n", slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
}

// newVolume makes a volume beside one that holds something.
func newVolume(t *testing.T) *site {
	s := newSite(t)
	if status, out := s.run(t, "volume", "create", "other"); status != 0 {
		t.Fatal(out)
	}
	_, folder := s.run(t, "volume", "mount", "other")
	file := filepath.Join(strings.TrimSpace(folder), "file")
	if err := os.WriteFile(file, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.args = []string{"volume", "create", "--ignore", "--expiration=+7d", "--label=a=b", "new"}
	s.lacks = func(t *testing.T) string {
		if status, out := s.run(t, "volume", "ls"); status != 0 || !strings.Contains(out, "new") {
			return fmt.Sprintf("there is no volume: status %d, %s\n", status, out)
		}
		return ""
	}
	s.wrong = func(t *testing.T) string {
		text := leftovers(t, filepath.Join(s.storage, "volumes"))
		if content, err := os.ReadFile(file); err != nil || string(content) != "theirs" {
			text += fmt.Sprintf("the other volume's file: %q, %v\n", content, err)
		}
		if status, out := s.run(t, "volume", "ls"); status != 0 || strings.Contains(out, "damaged") {
			text += fmt.Sprintf("volume ls: status %d, %s\n", status, out)
		}
		return text
	}
	return s
}
