package oci

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"bootrc/oci/manifest"
	"bootrc/oci/store"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sys/unix"
)

func noise(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return string(b)
}

func TestPullAsksForNoMoreThanItNeeds(t *testing.T) {
	r := plainRegistry(t)
	image := buildImage(t, layerTar(t, entry{"etc/name", "box"}))
	r.push(t, image, "box", "latest")
	s := openStore(t)
	pulled, err := Pull(t.Context(), s, mustParse(t, r.host+"/box"), hasty())
	if err != nil {
		t.Fatal(err)
	}
	if got := merged(t, pulled, "etc/name"); got != "box" {
		t.Errorf("got %q", got)
	}
	want := []string{
		"GET /v2/box/manifests/latest",
		"GET /v2/box/blobs/" + hashOf(t, image.config).String(),
		"GET /v2/box/blobs/" + hashOf(t, image.blobs[0]).String(),
	}
	if got := r.requests(); !slices.Equal(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if _, err := Pull(t.Context(), s, mustParse(t, r.host+"/box"), hasty()); err != nil {
		t.Fatal(err)
	}
	if got := r.requests()[len(want):]; !slices.Equal(got, want[:1]) {
		t.Errorf("of a stored image: got %s\nwant %s", got, want[:1])
	}
	if pulled.Digest != hashOf(t, image.manifest) || pulled.ID != hashOf(t, image.config) {
		t.Errorf("got %+v", pulled)
	}
}

func TestPullKeepsConnections(t *testing.T) {
	var mu sync.Mutex
	connections := 0
	r := newRegistryServer(t, func(s *httptest.Server) {
		s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			mu.Lock()
			defer mu.Unlock()
			if state == http.StateNew {
				connections++
			}
		}
		s.Start()
	})
	r.push(t, buildImage(t, layerTar(t, entry{"a", "x"})), "box", "one")
	r.push(t, buildImage(t, layerTar(t, entry{"a", "y"})), "box", "two")
	s := openStore(t)
	for _, tag := range []string{"one", "two"} {
		if _, err := Pull(t.Context(), s, mustParse(t, r.host+"/box:"+tag), hasty()); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	// net/http gives one up now and then, where what was written is noted as such more than 50 ms late
	if requests := len(r.requests()); 2*connections > requests {
		t.Errorf("%d connections for %d requests", connections, requests)
	}
}

func TestPullSharesLayers(t *testing.T) {
	r := plainRegistry(t)
	base := layerTar(t, entry{"base", noise(1 << 20)})
	one := buildImage(t, base, layerTar(t, entry{"one", "1"}), base)
	two := buildImage(t, base, layerTar(t, entry{"two", "2"}))
	r.push(t, one, "one", "latest")
	r.push(t, two, "two", "latest")
	s := openStore(t)
	var last Progress
	o := hasty()
	o.Progress = func(p Progress) { last = p }
	for _, test := range []struct {
		name string
		want Progress
	}{
		{"one", Progress{Layers: 3, Cached: 1, Done: int64(len(one.blobs[0]) + len(one.blobs[1]))}},
		{"two", Progress{Layers: 2, Cached: 1, Done: int64(len(two.blobs[1]))}},
		{"two", Progress{Layers: 2, Cached: 2}},
	} {
		if _, err := Pull(t.Context(), s, mustParse(t, r.host+"/"+test.name), o); err != nil {
			t.Fatal(err)
		}
		test.want.Total = test.want.Done
		test.want.Reference = r.host + "/" + test.name + ":latest"
		if last != test.want {
			t.Errorf("got %+v, want %+v", last, test.want)
		}
	}
	count := 0
	for _, line := range r.requests() {
		if strings.HasSuffix(line, hashOf(t, one.blobs[0]).String()) {
			count++
		}
	}
	if count != 1 {
		t.Errorf("the shared layer was fetched %d times", count)
	}
}

func TestPullsAtOnce(t *testing.T) {
	r := plainRegistry(t)
	base := layerTar(t, entry{"base", noise(1 << 20)})
	var names []string
	for i := range 6 {
		name := fmt.Sprint("box", i%3)
		r.push(t, buildImage(t, base, layerTar(t, entry{name, name})), name, "latest")
		names = append(names, name)
	}
	s := openStore(t)
	var group sync.WaitGroup
	for _, name := range names {
		group.Go(func() {
			image, err := Pull(t.Context(), s, mustParse(t, r.host+"/"+name), hasty())
			if err != nil {
				t.Error(err)
				return
			}
			if got := merged(t, image, name); got != name {
				t.Errorf("got %q", got)
			}
		})
	}
	group.Wait()
}

func TestPullPicksPlatform(t *testing.T) {
	r := plainRegistry(t)
	index := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
	for _, name := range []string{"linux/amd64/v2", "linux/amd64", "linux/arm/v6", "linux/arm64/v8", "linux/arm/v7", "windows/amd64", "unknown/unknown"} {
		p, err := v1.ParsePlatform(name)
		if err != nil {
			t.Fatal(err)
		}
		image := buildFor(t, p.Architecture, layerTar(t, entry{"platform", name}))
		r.push(t, image, "box")
		index.Manifests = append(index.Manifests, v1.Descriptor{
			MediaType: types.OCIManifestSchema1, Digest: hashOf(t, image.manifest), Size: int64(len(image.manifest)), Platform: p,
		})
	}
	raw := marshal(t, index)
	for _, name := range []string{"latest", hashOf(t, raw).String()} {
		r.put(t, "PUT", "/v2/box/manifests/"+name, string(types.OCIImageIndex), raw)
	}
	tests := []struct{ arch, variant, want string }{
		{"amd64", "", "linux/amd64"},
		{"amd64", "v3", "linux/amd64/v2"},
		{"arm64", "", "linux/arm64/v8"},
		{"arm", "", "linux/arm/v7"},
		{"arm", "v6", "linux/arm/v6"},
		{"x86_64", "", "linux/amd64"},
		{"aarch64", "", "linux/arm64/v8"},
		{"armv7l", "", "linux/arm/v7"},
		{"armel", "", "linux/arm/v6"},
		{"armhf", "", "linux/arm/v7"},
	}
	for _, test := range tests {
		o := hasty()
		o.Architecture, o.Variant = test.arch, test.variant
		s := openStore(t)
		for _, ref := range []string{":latest", "@" + hashOf(t, raw).String()} {
			image, err := Pull(t.Context(), s, mustParse(t, r.host+"/box"+ref), o)
			if err != nil {
				t.Errorf("%s/%s: %v", test.arch, test.variant, err)
				continue
			}
			if got := merged(t, image, "platform"); got != test.want {
				t.Errorf("%s/%s: got %s", test.arch, test.variant, got)
			}
			if _, _, err := lookUp(s, mustParse(t, r.host+"/box"+ref)); err != nil {
				t.Error(err)
			}
		}
	}
	for _, arch := range []string{"riscv64", "arm"} {
		o := hasty()
		o.Architecture, o.Variant = arch, "v5"
		_, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o)
		want := "there is no image for linux/" + arch + "/v5: only for linux/amd64/v2, linux/amd64, linux/arm/v6, linux/arm64/v8, linux/arm/v7, windows/amd64"
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v", err)
		}
	}
}

func TestPullWarnsOfOtherArchitecture(t *testing.T) {
	r := plainRegistry(t)
	r.push(t, buildFor(t, "s390x", layerTar(t, entry{"a", "x"})), "box", "latest")
	o := hasty()
	var warnings []string
	o.Warn = func(m string) { warnings = append(warnings, m) }
	if _, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o); err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "is for s390x, not for amd64") {
		t.Errorf("got %q", warnings)
	}
}

// answer replies to all requests of a path with that suffix.
func answer(suffix string, status int, contentType, body string) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if !strings.HasSuffix(r.URL.Path, suffix) {
			return false
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

func TestPullRefuses(t *testing.T) {
	good := buildImage(t, layerTar(t, entry{"base", noise(200 << 10)}), layerTar(t, entry{"a", "x"}))
	last := hashOf(t, good.blobs[1]).String()
	ocimanifest := string(types.OCIManifestSchema1)
	layerType := func(mt types.MediaType) testImage {
		return good.editManifest(t, func(m *v1.Manifest) { m.Layers[1].MediaType = mt })
	}
	evil := buildImage(t, layerTar(t, entry{"../../evil", "x"}))
	tests := []struct {
		name   string
		image  testImage
		before func(http.ResponseWriter, *http.Request, int) bool
		want   string
	}{
		{"no such tag", testImage{}, answer("/latest", 404, "application/json", `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}`), "not found (manifest unknown)"},
		{"unauthorized", good, answer("/latest", 401, "text/plain", ""), "unauthorized: it wants other credentials, or has no such image: give --creds USER:PASSWORD or --authfile FILE"},
		{"denied", good, answer("/latest", 403, "application/json", `{"errors":[{"code":"DENIED"}]}`), "access denied (DENIED)"},
		{"broken server", good, answer("/latest", 500, "text/plain", "boom\nbang"), `answered 500 Internal Server Error ("boom bang")`},
		{"unavailable blob", good, answer(last, 503, "text/plain", ""), "answered 503 Service Unavailable"},
		{"blob that is gone", good, answer(last, 404, "text/plain", ""), "layer " + last},
		{"HTML page", good, answer("/latest", 200, "text/html", "<html>Please log in"), `got an HTML page instead of a manifest: "<html>Please log in"`},
		{"HTML page of another type", good, answer("/latest", 200, ocimanifest, "\n<!DOCTYPE html>"), "got an HTML page instead of a manifest"},
		{"empty manifest", good, answer("/latest", 200, ocimanifest, ""), "manifest is broken"},
		{"manifest of nothing", good, answer("/latest", 200, ocimanifest, "null"), "has no configuration"},
		{"manifest of the wrong types", good, answer("/latest", 200, ocimanifest, `{"layers":7}`), "manifest is broken"},
		{"digest that climbs", good, answer("/latest", 200, ocimanifest, `{"config":{"digest":"sha256:../../../etc/passwd"}}`), "manifest is broken"},
		{"huge manifest", good, answer("/latest", 200, ocimanifest, strings.Repeat(" ", manifest.MaxSize+1)), "longer than the 4194304 bytes allowed"},
		{"schema 1", good, answer("/latest", 200, string(types.DockerManifestSchema1Signed), `{"schemaVersion":1}`), "schema 1, which is obsolete"},
		{"empty index", good, answer("/latest", 200, string(types.OCIImageIndex), `{"manifests":[]}`), "the index names no platform"},
		{"huge configuration", good.editManifest(t, func(m *v1.Manifest) { m.Config.Size = 1 << 40 }), nil, "more than the 4194304 allowed"},
		{"configuration that is garbage", good.withConfig(t, []byte("garbage")), nil, "is broken"},
		{"configuration of another image", good.withConfig(t, buildImage(t).config), nil, "has 0 diff IDs, and the manifest 2 layers"},
		{"configuration for windows", good.withConfig(t, bytes.Replace(good.config, []byte(`"os":"linux"`), []byte(`"os":"windows"`), 1)), nil, "the image is for windows, not for linux"},
		{"not an image", good.editManifest(t, func(m *v1.Manifest) { m.Config.MediaType = "application/vnd.cncf.helm.config.v1+json" }), nil, "not a container's image: its configuration is application/vnd.cncf.helm.config.v1+json"},
		{"encrypted layer", layerType("application/vnd.oci.image.layer.v1.tar+gzip+encrypted"), nil, "layer 2 of 2: unsupported media type application/vnd.oci.image.layer.v1.tar+gzip+encrypted"},
		{"layer without a type", layerType(""), nil, "layer 2 of 2: unsupported media type of an unknown"},
		{"altered layer", good, answer(last, 200, "", string(bytes.Repeat([]byte("x"), len(good.blobs[1])))), "altered: expected " + last + ", got sha256:"},
		{"longer layer", good, answer(last, 200, "", strings.Repeat("x", 100<<10)), " bytes, got more"},
		{"wrong diff ID", good.withConfig(t, bytes.Replace(good.config, []byte(hashOf(t, good.tars[1]).Hex), []byte(strings.Repeat("ab", 32)), 1)), nil, "wrong diff ID: expected sha256:" + strings.Repeat("ab", 32) + ", got " + hashOf(t, good.tars[1]).String()},
		{"layer that leads outside", evil, nil, `archive entry "../../evil" leads outside of the layer`},
		{"negative size", good.editManifest(t, func(m *v1.Manifest) { m.Layers[0].Size = -5 }), nil, "digest or size is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := plainRegistry(t)
			if test.image.manifest != nil {
				r.push(t, test.image, "box", "latest")
			}
			r.before = test.before
			s := openStore(t)
			_, err := Pull(t.Context(), s, mustParse(t, r.host+"/box"), hasty())
			checkError(t, err, "pull "+r.host+"/box:latest: ", test.want)
			checkEmpty(t, s)
		})
	}
}

// checkError wants one line, which begins so and has that in it.
func checkError(t testing.TB, err error, begin, want string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	if text := err.Error(); !strings.HasPrefix(text, begin) || !strings.Contains(text, want) || strings.Contains(text, "\n") {
		t.Errorf("got  %s\nwant %s… %s", text, begin, want)
	}
}

func TestPullByDigestIsVerified(t *testing.T) {
	r := plainRegistry(t)
	image := buildImage(t, layerTar(t, entry{"a", "x"}))
	r.push(t, image, "box", "latest")
	digest := hashOf(t, image.manifest).String()
	r.before = answer(digest, 200, string(types.OCIManifestSchema1), string(image.manifest)+" ")
	_, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box@"+digest), hasty())
	checkError(t, err, "pull ", "manifest was altered: expected "+digest)
}

func TestPullFromNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	for _, verify := range []bool{true, false} {
		o := hasty()
		o.Registry.TLSVerify = verify
		_, err := Pull(t.Context(), openStore(t), mustParse(t, host+"/box"), o)
		checkError(t, err, "pull "+host+"/box:latest: registry "+host+": dial tcp "+host, "connection refused")
		if strings.Count(err.Error(), "refused") != 1 {
			t.Errorf("said twice: %v", err)
		}
	}
	_, err = Pull(t.Context(), openStore(t), mustParse(t, "no-such-host.invalid/box"), hasty())
	checkError(t, err, "pull no-such-host.invalid/box:latest: registry no-such-host.invalid: ", "no-such-host.invalid")
}

func TestPullOntoFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("test", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Fatal(err)
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := plainRegistry(t)
	r.push(t, buildImage(t, layerTar(t, entry{"a", "x"}, entry{"usr/big", noise(1 << 20)})), "box", "latest")
	_, err = Pull(t.Context(), s, mustParse(t, r.host+"/box"), hasty())
	checkError(t, err, "pull ", "the store is full: about ")
	checkError(t, err, "pull ", "are needed, ")
	checkError(t, err, "pull ", " are free in "+s.Root()+", and no image is left that could go: ")
	checkError(t, err, "pull ", "write usr/big (1048576 bytes): no space left on device")
	checkEmpty(t, s)
}

func TestPullStopsWithContext(t *testing.T) {
	r := plainRegistry(t)
	r.push(t, buildImage(t, layerTar(t, entry{"a", noise(1 << 20)})), "box", "latest")
	ctx, cancel := context.WithCancel(t.Context())
	r.before = func(w http.ResponseWriter, req *http.Request, _ int) bool {
		if strings.Contains(req.URL.Path, "/blobs/") {
			cancel()
			<-req.Context().Done()
			return true
		}
		return false
	}
	s := openStore(t)
	if _, err := Pull(ctx, s, mustParse(t, r.host+"/box"), hasty()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	checkEmpty(t, s)
}
