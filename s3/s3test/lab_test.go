package s3test_test

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bootrc/s3/s3test"

	"github.com/minio/minio-go/v7"
)

// servers are those that tests share, one of a kind, started when first wanted.
var servers = map[string]*sharedServer{s3test.MinIO.Name: {}, s3test.Versity.Name: {}}

type sharedServer struct {
	once   sync.Once
	dir    string
	server *s3test.Server
	err    error
}

func (s *sharedServer) start(kind s3test.Kind) (*s3test.Server, error) {
	s.once.Do(func() {
		if s.dir, s.err = os.MkdirTemp("", "s3test"); s.err == nil {
			s.server, s.err = s3test.NewServer(kind, s.dir)
		}
	})
	return s.server, s.err
}

func (s *sharedServer) stop() {
	if s.server != nil {
		s.server.Kill()
	}
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

// A store is a bucket of its own for one test, on a server or behind a proxy.
type store struct {
	URL    string // of the server or proxy
	Bucket string
	client *minio.Client
}

// name is how s3sync is told of it, by an alias in its environment.
func (s *store) name() string { return "store/" + s.Bucket }

// newStore makes a bucket on the server that tests share.
func newStore(t *testing.T, kind s3test.Kind) *store {
	t.Helper()
	server, err := servers[kind.Name].start(kind)
	if err != nil {
		t.Fatal(err)
	}
	return newBucket(t, server)
}

var bucketNumber struct {
	sync.Mutex
	n int
}

func newBucket(t *testing.T, server *s3test.Server) *store {
	t.Helper()
	bucketNumber.Lock()
	bucketNumber.n++
	s := &store{URL: server.URL(), Bucket: fmt.Sprintf("bucket-%d", bucketNumber.n)}
	bucketNumber.Unlock()
	var err error
	if s.client, err = server.Client(); err != nil {
		t.Fatal(err)
	}
	if err := server.MakeBucket(t.Context(), s.Bucket); err != nil {
		t.Fatal(err)
	}
	return s
}

// behind puts a proxy before the store for as long as the test lasts.
func (s *store) behind(t *testing.T) *s3test.Proxy {
	t.Helper()
	p := s3test.NewProxy(strings.TrimPrefix(s.URL, "http://"))
	t.Cleanup(p.Close)
	s.URL = p.URL
	return p
}

// keys are the names in the bucket.
func (s *store) keys(t *testing.T) (keys []string) {
	t.Helper()
	for o := range s.client.ListObjects(t.Context(), s.Bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		keys = append(keys, o.Key)
	}
	return keys
}

// get is an object's content, as any other program reads it.
func (s *store) get(t *testing.T, key string) string {
	t.Helper()
	object, err := s.client.GetObject(t.Context(), s.Bucket, key, minio.GetObjectOptions{})
	if err != nil {
		t.Fatalf("get %q: %v", key, err)
	}
	defer object.Close()
	content, err := io.ReadAll(object)
	if err != nil {
		t.Fatalf("get %q: %v", key, err)
	}
	return string(content)
}

// folder makes a folder with these objects.
func folder(t *testing.T, objects ...s3test.Object) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s3test.Make(dir, objects...); err != nil {
		t.Fatal(err)
	}
	return dir
}

func readTree(t *testing.T, dir string) s3test.Tree {
	t.Helper()
	tree, err := s3test.ReadTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// same checks that two folders are alike.
func same(t *testing.T, want, got string, aspects s3test.Aspect) {
	t.Helper()
	equal(t, readTree(t, want), readTree(t, got), aspects)
}

func equal(t *testing.T, want, got s3test.Tree, aspects s3test.Aspect) {
	t.Helper()
	lines := s3test.Differences(want, got, aspects)
	const shown = 20
	for _, line := range lines[:min(shown, len(lines))] {
		t.Error(line)
	}
	if len(lines) > shown {
		t.Errorf("… and %d more", len(lines)-shown)
	}
}

// onEach runs a test against each kind of server.
func onEach(t *testing.T, test func(t *testing.T, s *store)) {
	for _, kind := range kinds {
		t.Run(kind.Name, func(t *testing.T) {
			test(t, newStore(t, kind))
		})
	}
}

// poke changes a few bytes of a file.
func poke(t *testing.T, path string, at int64, content string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte(content), at); err != nil {
		t.Fatal(err)
	}
}

func equalFiles(t *testing.T, r result, got, want files) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s: status %d, files %s, want %s\n%s", r.Command, r.Status, got, want, r.Out)
	}
}

// isTransfer is about a request as a proxy notes it, METHOD URL, that carries an object or
// removes one.
func isTransfer(request string) bool {
	return !strings.HasPrefix(request, "HEAD ") && !strings.Contains(request, "list-type=2") && !strings.HasSuffix(request, "?location=")
}
