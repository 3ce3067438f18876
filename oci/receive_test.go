package oci

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/kit/command"
	"bootrc/oci/store"
)

// fileServer is a server of files, each by its path, that keeps a log of what it was asked.
type fileServer struct {
	*httptest.Server
	asked []string
}

func newFileServer(t *testing.T, serve http.HandlerFunc) *fileServer {
	s := new(fileServer)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked = append(s.asked, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")))
		serve(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// An archive comes as a stream, in whatever order and form, and is asked for once.
func TestPullFromURLs(t *testing.T) {
	layout, saved := layoutFiles(t, "one:v1", "two:v1"), savedFiles(t, "one:v1", "two:v1")
	links := map[string]string{"two-v1-1/layer.tar": "../one-v1-1/layer.tar"}
	linked := savedFiles(t, "one:v1", "two:v1")
	delete(linked, "two-v1-1/layer.tar")
	bodies := map[string][]byte{
		"/layout.tar": tarOf(t, layout, nil), "/layout.tar.gz": gzipped(t, tarOf(t, layout, nil)), "/layout.tar.zst": zstded(t, tarOf(t, layout, nil)),
		"/saved.tar": tarOf(t, saved, nil), "/saved.tar.gz": gzipped(t, tarOf(t, saved, nil)), "/linked.tar": tarOf(t, linked, links),
	}
	for name, data := range layout {
		bodies["/layout/"+name] = data
	}
	server := newFileServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, ok := bodies[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Write(body)
	})
	cat := command.Command{Name: "s3", Operands: "WORD…", Run: func(_ context.Context, call *command.Call) error {
		body, ok := bodies[strings.TrimPrefix(call.Args[1], "farm/bucket")]
		if !ok {
			return errors.New("there is no such object")
		}
		_, err := io.Copy(call.Stdout, bytes.NewReader(body))
		return err
	}}
	call := &command.Call{Lookup: func(name string) (command.Command, bool) { return cat, name == "s3" }}
	for _, test := range []struct{ ref, want, err string }{
		{"oci-archive:URL/layout.tar:one:v1", "one:v1 amd64", ""},
		{"oci-archive:URL/layout.tar.gz:two:v1", "two:v1 amd64", ""},
		{"oci-archive:URL/layout.tar.zst:one:v1", "one:v1 amd64", ""},
		{"docker-archive:URL/saved.tar:one:v1", "one:v1", ""},
		{"docker-archive:URL/saved.tar.gz:two:v1", "two:v1", ""},
		{"docker-archive:URL/linked.tar:two:v1", "two:v1", ""},
		{"oci:URL/layout:two:v1", "two:v1 amd64", ""},
		{"oci-archive:s3://farm/bucket/layout.tar.gz:one:v1", "one:v1 amd64", ""},
		{"oci:s3://farm/bucket/layout:one:v1", "one:v1 amd64", ""},
		{"oci-archive:s3://farm/bucket/none.tar:one:v1", "", "there is no such object"},
		{"oci-archive:URL/layout.tar", "", "it has 2 images, so that one must be named: it has one:v1, two:v1"},
		{"oci-archive:URL/layout.tar:three", "", `it has no image "three"`},
		{"docker-archive:URL/layout.tar", "", "not an archive of docker save"},
		{"oci-archive:URL/none.tar", "", "/none.tar: the server answers 404 Not Found"},
		{"oci:URL/none", "", "not an image layout"},
	} {
		s, o := openStore(t), hasty()
		o.Open = openerFor(call)
		var last Progress
		o.Progress = func(p Progress) { last = p }
		server.asked = nil
		ref := mustParse(t, strings.Replace(test.ref, "URL", server.URL, 1))
		image, err := Get(t.Context(), s, ref, Always, o)
		if test.err != "" {
			checkError(t, err, "pull ", test.err)
			checkEmpty(t, s)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.ref, err)
			continue
		}
		if got := merged(t, image, "name"); got != test.want {
			t.Errorf("%s: got %s", test.ref, got)
		}
		if strings.Contains(test.ref, "-archive:URL") && len(server.asked) != 1 {
			t.Errorf("%s: asked %s", test.ref, server.asked)
		}
		if last.Done == 0 || last.Cached != 0 {
			t.Errorf("%s: it ended with %+v", test.ref, last)
		}
		layers, err := os.ReadDir(filepath.Join(s.Root(), "layers"))
		if err != nil || len(layers) != len(image.Layers) {
			t.Errorf("%s: %d layers stay, and the image has %d", test.ref, len(layers), len(image.Layers))
		}
	}
}

// A container finds what was loaded by the name that the archive has for it.
func TestLoad(t *testing.T) {
	saved := writeFile(t, tarOf(t, savedFiles(t, "registry.example/box:v1"), nil))
	layout := layoutFiles(t, "registry.example/other:v2")
	s := &session{t: t, s: openStore(t)}
	if status := s.run("load", "--arch=amd64", "docker-archive:"+saved, "oci:"+writeFolder(t, layout)); status != 0 {
		t.Fatalf("status %d: %s", status, &s.errs)
	}
	for _, name := range []string{"registry.example/box:v1", "registry.example/other:v2"} {
		if _, err := Get(t.Context(), s.s, mustParse(t, name), Missing, hasty()); err != nil {
			t.Error(err)
		}
	}
	// none but a registry says which image has a digest
	other := "registry.example/box:v1@sha256:" + strings.Repeat("0", 64)
	forged := writeFile(t, tarOf(t, savedFiles(t, other), nil))
	s.run("load", "docker-archive:"+forged)
	if _, err := Get(t.Context(), s.s, mustParse(t, other), Never, hasty()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an archive names a digest: %v", err)
	}
	if status := s.run("load", "box"); status != 2 || !strings.Contains(s.errs.String(), `image "box" is in no archive`) {
		t.Errorf("status %d: %s", status, &s.errs)
	}
}

// A stream that breaks goes on where it was, unless the server has something else by then.
func TestStreamsThatBreak(t *testing.T) {
	image := buildImage(t, layerTar(t, entry{"name", noise(1 << 20)}))
	files := map[string][]byte{
		"c.json": image.config, "l/layer.tar": image.tars[0],
		"manifest.json": marshal(t, []savedImage{{Config: "c.json", RepoTags: []string{"big:v1"}, Layers: []string{"l/layer.tar"}}}),
	}
	body := tarOf(t, files, nil)
	for _, test := range []struct {
		name, etag string
		ranges     bool
		change     bool
		displaced  bool // a part from elsewhere in the file
		want       string
	}{
		{"goes on", `"1"`, true, false, false, ""},
		{"no ranges", `"1"`, false, false, false, "the connection broke, and the server cannot go on where it did"},
		{"another file", `"1"`, true, true, false, "the connection broke, and the server cannot go on where it did"},
		{"another part", `"1"`, true, false, true, "the connection broke, and the server cannot go on where it did"},
		{"no version", "", true, false, false, "unexpected EOF"},
	} {
		n := 0
		server := newFileServer(t, func(w http.ResponseWriter, r *http.Request) {
			n++
			etag := test.etag
			if test.change && n > 1 {
				etag = `"2"`
			}
			if etag != "" {
				w.Header().Set("ETag", etag)
			}
			if !test.ranges {
				r.Header.Del("Range")
			}
			if test.displaced && n > 1 {
				r.Header.Set("Range", "bytes=1024-")
			}
			if n <= 3 {
				w = &breaking{w, 300 << 10}
			}
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
		})
		o := hasty()
		o.Open = openerFor(&command.Call{})
		s := openStore(t)
		_, err := Pull(t.Context(), s, mustParse(t, "docker-archive:"+server.URL+"/x.tar"), o)
		if test.want != "" {
			checkError(t, err, "pull ", test.want)
			checkEmpty(t, s)
		} else if err != nil || n < 3 {
			t.Errorf("%s: %v; asked %s", test.name, err, server.asked)
		}
		if test.want == "" && !slices.ContainsFunc(server.asked, func(line string) bool { return strings.Contains(line, "bytes=") }) {
			t.Errorf("%s: asked %s", test.name, server.asked)
		}
	}
}

// An archive that ends anywhere is an error of one line.
func TestStreamsThatAreCut(t *testing.T) {
	body := tarOf(t, savedFiles(t, "box:v1"), nil)
	for length := 0; length < len(body)-1024; length += 512 {
		server := newFileServer(t, func(w http.ResponseWriter, r *http.Request) { w.Write(body[:length]) })
		o := hasty()
		o.Open = openerFor(&command.Call{})
		s := openStore(t)
		_, err := Pull(t.Context(), s, mustParse(t, "docker-archive:"+server.URL+"/x.tar"), o)
		checkError(t, err, "pull ", "")
		checkEmpty(t, s)
		server.Close()
	}
}

// breaking ends the connection after so many bytes.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	n, err := b.ResponseWriter.Write(p[:min(len(p), b.left)])
	if b.left -= n; b.left <= 0 && err == nil {
		panic(http.ErrAbortHandler)
	}
	return n, err
}
