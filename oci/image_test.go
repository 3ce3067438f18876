package oci

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bootrc/kit/retry"
	"bootrc/kit/transport"
	"bootrc/oci/reference"
	"bootrc/oci/registry"
	"bootrc/oci/store"

	fake "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
)

func hashOf(t testing.TB, b []byte) v1.Hash {
	t.Helper()
	h, _, err := v1.SHA256(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// entry is a file of a layer in a test.
type entry struct{ name, content string }

func layerTar(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// testImage is an image built in the test.
type testImage struct {
	manifest, config []byte
	blobs            [][]byte // layers
	tars             [][]byte
}

// buildImage makes an image for linux/amd64 of gzipped layers.
func buildImage(t testing.TB, tars ...[]byte) testImage { return buildFor(t, "amd64", tars...) }

func buildFor(t testing.TB, arch string, tars ...[]byte) testImage {
	t.Helper()
	image := testImage{tars: tars}
	c := v1.ConfigFile{OS: "linux", Architecture: arch, RootFS: v1.RootFS{Type: "layers"}}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1}
	for _, data := range tars {
		blob := gzipped(t, data)
		image.blobs = append(image.blobs, blob)
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, hashOf(t, data))
		m.Layers = append(m.Layers, v1.Descriptor{MediaType: types.OCILayer, Digest: hashOf(t, blob), Size: int64(len(blob))})
	}
	image.config = marshal(t, c)
	m.Config = v1.Descriptor{MediaType: types.OCIConfigJSON, Digest: hashOf(t, image.config), Size: int64(len(image.config))}
	image.manifest = marshal(t, m)
	return image
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// editManifest changes the manifest.
func (i testImage) editManifest(t testing.TB, change func(m *v1.Manifest)) testImage {
	t.Helper()
	m, err := v1.ParseManifest(bytes.NewReader(i.manifest))
	if err != nil {
		t.Fatal(err)
	}
	change(m)
	i.manifest = marshal(t, m)
	return i
}

// withConfig replaces the configuration.
func (i testImage) withConfig(t testing.TB, config []byte) testImage {
	i.config = config
	return i.editManifest(t, func(m *v1.Manifest) { m.Config.Digest, m.Config.Size = hashOf(t, config), int64(len(config)) })
}

// testRegistry is a registry that keeps a log, and misbehaves as told.
type testRegistry struct {
	*httptest.Server
	host    string
	backend http.Handler

	mu  sync.Mutex
	log []string
	// before handles a request, if it returns true. n counts requests of that
	// path, from 1.
	before func(w http.ResponseWriter, r *http.Request, n int) bool
}

func newRegistryServer(t testing.TB, start func(*httptest.Server)) *testRegistry {
	t.Helper()
	r := &testRegistry{backend: fake.New(fake.Logger(log.New(io.Discard, "", 0)), fake.WithReferrersSupport(true))}
	seen := make(map[string]int)
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		r.log = append(r.log, req.Method+" "+req.URL.Path)
		seen[req.URL.Path]++
		n, before := seen[req.URL.Path], r.before
		r.mu.Unlock()
		if before == nil || !before(w, req, n) {
			r.backend.ServeHTTP(w, req)
		}
	}))
	r.Server.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(r.Server)
	t.Cleanup(r.Server.CloseClientConnections)
	t.Cleanup(r.Server.Close)
	r.host = strings.TrimPrefix(strings.TrimPrefix(r.URL, "https://"), "http://")
	return r
}

func plainRegistry(t testing.TB) *testRegistry {
	return newRegistryServer(t, (*httptest.Server).Start)
}

// put stores something in the registry behind its log.
func (r *testRegistry) put(t testing.TB, method, path, contentType string, body []byte) {
	t.Helper()
	req := httptest.NewRequest(method, path, bytes.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	r.backend.ServeHTTP(w, req)
	if w.Code >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
}

func (r *testRegistry) push(t testing.TB, image testImage, repository string, tags ...string) {
	t.Helper()
	for _, blob := range append([][]byte{image.config}, image.blobs...) {
		r.put(t, "POST", "/v2/"+repository+"/blobs/uploads/?digest="+hashOf(t, blob).String(), "application/octet-stream", blob)
	}
	for _, tag := range append(tags, hashOf(t, image.manifest).String()) {
		r.put(t, "PUT", "/v2/"+repository+"/manifests/"+tag, string(types.OCIManifestSchema1), image.manifest)
	}
}

func (r *testRegistry) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.log)
}

func openStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustParse(t testing.TB, s string) reference.Reference {
	t.Helper()
	ref, err := reference.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// hasty is options for servers that fail.
func hasty() Options {
	return Options{Architecture: "amd64", Registry: registry.Options{Patience: &registry.Patience{
		Retry: retry.Policy{Retries: 3, First: time.Millisecond, Longest: 3 * time.Millisecond}, Limits: transport.Standard,
	}}}
}

// merged reads a file of the image's uppermost layer that has it.
func merged(t testing.TB, image *store.Image, name string) string {
	t.Helper()
	for _, dir := range slices.Backward(image.Layers) {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			return string(b)
		}
	}
	t.Errorf("no layer has %s", name)
	return ""
}

// checkEmpty fails unless the store has nothing at all.
func checkEmpty(t testing.TB, s *store.Store) {
	t.Helper()
	for _, dir := range []string{"layers", "images", "names", "tmp"} {
		entries, err := os.ReadDir(filepath.Join(s.Root(), dir))
		if err != nil || len(entries) > 0 {
			t.Errorf("%s has %v, %v", dir, entries, err)
		}
	}
}
