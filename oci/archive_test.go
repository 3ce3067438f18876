package oci

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/oci/store"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"
)

// layoutFiles returns an image layout of the images, by name, each for amd64 and
// arm64.
func layoutFiles(t testing.TB, names ...string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{"oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`)}
	blob := func(b []byte) v1.Hash {
		h := hashOf(t, b)
		files["blobs/sha256/"+h.Hex] = b
		return h
	}
	top := v1.IndexManifest{SchemaVersion: 2}
	for _, name := range names {
		index := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
		for _, arch := range []string{"arm64", "amd64"} {
			image := buildFor(t, arch, layerTar(t, entry{"name", name + " " + arch}))
			blob(image.config)
			blob(image.blobs[0])
			index.Manifests = append(index.Manifests, v1.Descriptor{
				MediaType: types.OCIManifestSchema1, Digest: blob(image.manifest), Platform: &v1.Platform{OS: "linux", Architecture: arch},
			})
		}
		top.Manifests = append(top.Manifests, v1.Descriptor{
			MediaType: types.OCIImageIndex, Digest: blob(marshal(t, index)), Annotations: map[string]string{"org.opencontainers.image.ref.name": name},
		})
	}
	files["index.json"] = marshal(t, top)
	return files
}

// savedFiles returns what docker save writes, with the second layer as a link,
// as older versions had it.
func savedFiles(t testing.TB, names ...string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	var list []savedImage
	for _, name := range names {
		image := buildImage(t, layerTar(t, entry{"name", name}), layerTar(t, entry{"top", "x"}))
		saved := savedImage{Config: hashOf(t, image.config).Hex + ".json", RepoTags: []string{name}}
		files[saved.Config] = image.config
		for i, data := range image.tars {
			layer := fmt.Sprintf("%s-%d/layer.tar", path.Base(strings.ReplaceAll(name, ":", "-")), i)
			files[layer] = data
			saved.Layers = append(saved.Layers, layer)
		}
		list = append(list, saved)
	}
	raw, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	files["manifest.json"] = raw
	return files
}

// savedImage is an entry of docker save's manifest.json.
type savedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func writeFolder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tarOf packs files, and links from one to another.
func tarOf(t testing.TB, files map[string][]byte, links map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := w.WriteHeader(&tar.Header{Name: "./" + name, Size: int64(len(files[name])), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range links {
		if err := w.WriteHeader(&tar.Header{Name: name, Linkname: target, Typeflag: tar.TypeSymlink}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFile(t testing.TB, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func zstded(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

func TestPullFromFiles(t *testing.T) {
	one, two := layoutFiles(t, "v1"), layoutFiles(t, "v1", "example.com/box:v2")
	oneTar, twoTar := tarOf(t, one, nil), tarOf(t, two, nil)
	saved, savedTwo := tarOf(t, savedFiles(t, "box:v1"), nil), tarOf(t, savedFiles(t, "box:v1", "host.example/box:v2"), nil)
	linked := savedFiles(t, "box:v1")
	linked["other/data"] = linked["box-v1-1/layer.tar"]
	delete(linked, "box-v1-1/layer.tar")
	tests := []struct{ name, ref, want string }{
		{"folder", "oci:" + writeFolder(t, one), "v1 amd64"},
		{"folder, named", "oci:" + writeFolder(t, two) + ":example.com/box:v2", "example.com/box:v2 amd64"},
		{"archive", "oci-archive:" + writeFile(t, oneTar), "v1 amd64"},
		{"archive, named", "oci-archive:" + writeFile(t, twoTar) + ":v1", "v1 amd64"},
		{"archive, gzipped", "oci-archive:" + writeFile(t, gzipped(t, twoTar)) + ":v1", "v1 amd64"},
		{"archive, zstd", "oci-archive:" + writeFile(t, zstded(t, oneTar)), "v1 amd64"},
		{"docker", "docker-archive:" + writeFile(t, saved), "box:v1"},
		{"docker, named", "docker-archive:" + writeFile(t, savedTwo) + ":box:v1", "box:v1"},
		{"docker, named in full", "docker-archive:" + writeFile(t, savedTwo) + ":host.example/box:v2", "host.example/box:v2"},
		{"docker, gzipped", "docker-archive:" + writeFile(t, gzipped(t, saved)), "box:v1"},
		{"docker, with links", "docker-archive:" + writeFile(t, tarOf(t, linked, map[string]string{"box-v1-1/layer.tar": "../other/data"})), "box:v1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := openStore(t)
			for range 2 {
				image, err := Pull(t.Context(), s, mustParse(t, test.ref), hasty())
				if err != nil {
					t.Fatal(err)
				}
				if got := merged(t, image, "name"); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			}
			if _, _, err := lookUp(s, mustParse(t, test.ref)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPullFromBrokenFiles(t *testing.T) {
	one := layoutFiles(t, "v1")
	edit := func(files map[string][]byte, change func(map[string][]byte)) map[string][]byte {
		copied := make(map[string][]byte)
		for name, data := range files {
			copied[name] = data
		}
		change(copied)
		return copied
	}
	largest := func(files map[string][]byte) (name string) {
		for n := range files {
			if bytes.HasPrefix(files[n], []byte{0x1f, 0x8b}) {
				name = n
			}
		}
		return name
	}
	saved := savedFiles(t, "box:v1")
	tests := []struct{ name, ref, want string }{
		{"no folder", "oci:" + t.TempDir() + "/none", "not an image layout: open "},
		{"no layout", "oci:" + t.TempDir(), "not an image layout: open "},
		{"broken index", "oci:" + writeFolder(t, map[string][]byte{"index.json": []byte("{")}), "index.json is broken"},
		{"other name", "oci:" + writeFolder(t, one) + ":v2", `it has no image "v2": it has v1`},
		{"several images", "oci:" + writeFolder(t, layoutFiles(t, "v1", "v2")), "it has 2 images, so that one must be named: it has v1, v2"},
		{"altered blobs", "oci:" + writeFolder(t, edit(one, func(f map[string][]byte) {
			for name := range f {
				if strings.HasPrefix(name, "blobs/") && f[name][0] == 0x1f {
					f[name] = append([]byte("x"), f[name]...)
				}
			}
		})), " bytes, got more"},
		{"altered manifest", "oci:" + writeFolder(t, edit(one, func(f map[string][]byte) {
			for name := range f {
				if bytes.Contains(f[name], []byte("image.index")) && name != "index.json" {
					f[name] = append(f[name], ' ')
				}
			}
		})), "manifest was altered: expected sha256:"},
		{"missing blobs", "oci-archive:" + writeFile(t, tarOf(t, edit(one, func(f map[string][]byte) {
			for n := largest(f); n != ""; n = largest(f) {
				delete(f, n)
			}
		}), nil)), "file does not exist"},
		{"no archive", "oci-archive:" + writeFile(t, []byte("nothing of the kind")), "archive: "},
		{"empty archive", "docker-archive:" + writeFile(t, nil), "no archive of an image, or an empty one"},
		{"cut archive", "oci-archive:" + writeFile(t, tarOf(t, one, nil)[:1500]), "unexpected EOF"},
		{"folder as archive", "oci-archive:" + t.TempDir(), "is a directory"},
		{"missing archive", "docker-archive:/no/such/archive", "open /no/such/archive: no such file or directory"},
		{"layout as docker's", "docker-archive:" + writeFile(t, tarOf(t, one, nil)), "not an archive of docker save: "},
		{"docker's as layout", "oci-archive:" + writeFile(t, tarOf(t, saved, nil)), "not an image layout: "},
		{"other docker name", "docker-archive:" + writeFile(t, tarOf(t, saved, nil)) + ":box:v2", "it has no image docker.io/library/box:v2: it has box:v1"},
		{"several docker images", "docker-archive:" + writeFile(t, tarOf(t, savedFiles(t, "a:1", "b:2"), nil)), "it has 2 images, so that one must be named: it has a:1, b:2"},
		{"docker layer of another", "docker-archive:" + writeFile(t, tarOf(t, edit(saved, func(f map[string][]byte) {
			f["box-v1-0/layer.tar"] = layerTar(t, entry{"name", "evil"})
		}), nil)), "wrong diff ID: expected sha256:"},
		{"missing docker layer", "docker-archive:" + writeFile(t, tarOf(t, edit(saved, func(f map[string][]byte) { delete(f, "box-v1-0/layer.tar") }), nil)), "box-v1-0/layer.tar: file does not exist"},
		{"links in circles", "docker-archive:" + writeFile(t, tarOf(t, edit(saved, func(f map[string][]byte) { delete(f, "box-v1-0/layer.tar") }),
			map[string]string{"box-v1-0/layer.tar": "../box-v1-0/layer.tar"})), "links in circles"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := openStore(t)
			ref := mustParse(t, test.ref)
			_, err := Pull(t.Context(), s, ref, hasty())
			checkError(t, err, "pull "+ref.String()+": ", test.want)
			checkEmpty(t, s)
		})
	}
}

func TestGet(t *testing.T) {
	r := plainRegistry(t)
	v1Image, v2Image := buildImage(t, layerTar(t, entry{"v", "1"})), buildImage(t, layerTar(t, entry{"v", "2"}))
	const gone, old, newer = "gone", "old", "new"
	tests := []struct {
		policy           Policy
		stored, registry string
		want             string // version, or an error
	}{
		{Always, gone, newer, "2"},
		{Always, old, newer, "2"},
		{Always, old, gone, "not found"},
		{Missing, gone, newer, "2"},
		{Missing, old, newer, "1"},
		{Missing, old, gone, "1"},
		{Missing, gone, gone, "not found"},
		{Newer, gone, newer, "2"},
		{Newer, old, newer, "2"},
		{Newer, old, old, "1"},
		{Newer, old, gone, "1"},
		{Newer, gone, gone, "not found"},
		{Never, gone, newer, "no such image in the store"},
		{Never, old, newer, "1"},
	}
	for i, test := range tests {
		t.Run(fmt.Sprintf("%s, %s in the store, %s in the registry", test.policy, test.stored, test.registry), func(t *testing.T) {
			name := fmt.Sprint("box", i)
			ref := mustParse(t, r.host+"/"+name)
			s := openStore(t)
			if test.stored == old {
				r.push(t, v1Image, name, "latest")
				if _, err := Pull(t.Context(), s, ref, hasty()); err != nil {
					t.Fatal(err)
				}
			}
			switch test.registry {
			case newer:
				r.push(t, v2Image, name, "latest")
			case gone:
				if test.stored == old {
					r.put(t, "DELETE", "/v2/"+name+"/manifests/latest", "", nil)
				}
			}
			image, err := Get(t.Context(), s, ref, test.policy, hasty())
			if len(test.want) > 1 {
				checkError(t, err, "", test.want)
			} else if err != nil {
				t.Error(err)
			} else if got := merged(t, image, "v"); got != test.want {
				t.Errorf("got version %s, want %s", got, test.want)
			}
		})
	}
}

func TestGetByDigits(t *testing.T) {
	r := plainRegistry(t)
	r.push(t, buildImage(t, layerTar(t, entry{"a", "x"})), "box", "latest")
	s := openStore(t)
	image, err := Pull(t.Context(), s, mustParse(t, r.host+"/box"), hasty())
	if err != nil {
		t.Fatal(err)
	}
	requests := len(r.requests())
	for _, ref := range []string{image.ID.String(), image.ID.Hex, image.ID.Hex[:12], image.Digest.String(), "sha256:" + image.Digest.Hex[:7]} {
		for _, policy := range []Policy{Always, Missing, Newer, Never} {
			got, err := Get(t.Context(), s, mustParse(t, ref), policy, hasty())
			if err != nil || got.Digest != image.Digest {
				t.Errorf("%s, %s: got %v, %v", ref, policy, got, err)
			}
		}
	}
	if n := len(r.requests()) - requests; n != 0 {
		t.Errorf("%d requests", n)
	}
	_, err = Get(t.Context(), s, mustParse(t, "sha256:"+strings.Repeat("0", 64)), Always, hasty())
	checkError(t, err, "", store.ErrNotFound.Error())
}

func TestGetForAnotherArchitecture(t *testing.T) {
	files := layoutFiles(t, "v1")
	ref := mustParse(t, "oci:"+writeFolder(t, files))
	s := openStore(t)
	for _, arch := range []string{"amd64", "arm64"} {
		o := hasty()
		o.Architecture = arch
		image, err := Get(t.Context(), s, ref, Missing, o)
		if err != nil {
			t.Fatal(err)
		}
		if got := merged(t, image, "name"); got != "v1 "+arch {
			t.Errorf("got %s", got)
		}
	}
	o := hasty()
	_, err := Get(t.Context(), s, ref, Never, o)
	checkError(t, err, ref.String(), "no such image in the store for amd64, only for arm64")
}

func TestParsePolicy(t *testing.T) {
	for in, want := range map[string]Policy{"always": Always, "true": Always, "missing": Missing, "false": Missing, "newer": Newer, "never": Never} {
		if got, err := ParsePolicy(in); err != nil || got != want {
			t.Errorf("%s: got %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "Always", "sometimes"} {
		if _, err := ParsePolicy(in); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}
