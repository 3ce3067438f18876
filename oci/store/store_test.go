package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sys/unix"
)

func hashOf(t testing.TB, b []byte) v1.Hash {
	t.Helper()
	h, _, err := v1.SHA256(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func layerNamed(t testing.TB, name string) v1.Hash { return hashOf(t, []byte(name)) }

// imageOf returns manifest and configuration of an image with layers of those
// names; label makes it differ from others.
func imageOf(t testing.TB, label string, layers ...string) (manifest, config []byte) {
	t.Helper()
	c := v1.ConfigFile{OS: "linux", Architecture: "amd64", Author: label, RootFS: v1.RootFS{Type: "layers"}}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1}
	for _, l := range layers {
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, layerNamed(t, l))
		m.Layers = append(m.Layers, v1.Descriptor{MediaType: types.OCILayer, Digest: hashOf(t, []byte("blob of "+l)), Size: 1000})
	}
	config, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	m.Config = v1.Descriptor{MediaType: types.OCIConfigJSON, Digest: hashOf(t, config), Size: int64(len(config))}
	if manifest, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	return manifest, config
}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func begin(t testing.TB, s *Store) *Addition {
	t.Helper()
	return s.Add()
}

func addLayer(t testing.TB, a *Addition, name string) (isNew bool) {
	t.Helper()
	l, err := a.Layer(t.Context(), layerNamed(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if l == nil {
		return false
	}
	if err := os.WriteFile(filepath.Join(l.Folder, name), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	return true
}

func add(t testing.TB, s *Store, name, label string, layers ...string) *Image {
	t.Helper()
	a := begin(t, s)
	defer a.Abandon()
	for _, l := range layers {
		addLayer(t, a, l)
	}
	manifest, config := imageOf(t, label, layers...)
	image, err := a.Finish(t.Context(), manifest, config, name)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// content lists the store: its images' names and the files of its layers.
func content(t testing.TB, s *Store) string {
	t.Helper()
	images, err := s.Images()
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, image := range images {
		words = append(words, "["+strings.Join(image.Names, " ")+"]")
	}
	layers, err := filepath.Glob(s.path("layers", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range layers {
		layers[i] = filepath.Base(l)
	}
	slices.Sort(layers)
	if temp, err := os.ReadDir(s.path("tmp")); err != nil || len(temp) > 0 {
		t.Errorf("tmp has %v, %v", temp, err)
	}
	return strings.Join(append(words, layers...), " ")
}

func TestImage(t *testing.T) {
	s := open(t, t.TempDir())
	added := add(t, s, "docker.io/library/box:latest", "one", "base", "top")
	for _, name := range []string{
		"docker.io/library/box:latest", added.Digest.String(), added.Digest.Hex, added.Digest.Hex[:12],
		added.ID.String(), added.ID.Hex, "sha256:" + added.ID.Hex[:8],
	} {
		image, err := open(t, s.Root()).Image(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if image.Digest != added.Digest || image.Config.Author != "one" {
			t.Errorf("%s: got %+v", name, image)
		}
		want := []string{s.layerPath(layerNamed(t, "base")), s.layerPath(layerNamed(t, "top"))}
		if !slices.Equal(image.Layers, want) {
			t.Errorf("%s: got layers %v, want %v", name, image.Layers, want)
		}
	}
	for _, name := range []string{"box", "", "sha256:", strings.Repeat("0", 64), "../../etc", "docker.io/library/box:other"} {
		if _, err := s.Image(name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestDigitsOfSeveralImages(t *testing.T) {
	s := open(t, t.TempDir())
	first := make(map[byte]bool)
	for i := 0; ; i++ {
		image := add(t, s, fmt.Sprint("name", i), fmt.Sprint(i))
		if first[image.ID.Hex[0]] {
			_, err := s.Image(image.ID.Hex[:1])
			if err == nil || errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "images begin so") {
				t.Errorf("got %v", err)
			}
			return
		}
		first[image.ID.Hex[0]] = true
	}
}

func TestStackHidesLayers(t *testing.T) {
	s := open(t, t.TempDir())
	add(t, s, "n", "x", "a", "b", "a", "c")
	mark := func(name string) {
		if err := unix.Setxattr(s.layerPath(layerNamed(t, name)), "trusted.overlay.opaque", []byte("y"), 0); err != nil {
			t.Fatal(err)
		}
	}
	stack := func() (names string) {
		image, err := s.Image("n")
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range image.Layers {
			files, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			names += files[0].Name()
		}
		return names
	}
	if got := stack(); got != "bac" {
		t.Errorf("a layer twice: got %s", got)
	}
	mark("b")
	if got := stack(); got != "bac" {
		t.Errorf("an opaque layer at the bottom: got %s", got)
	}
	mark("a")
	if got := stack(); got != "ac" {
		t.Errorf("an opaque layer: got %s", got)
	}
}

func TestNameMoves(t *testing.T) {
	s := open(t, t.TempDir())
	old := add(t, s, "n", "old", "base")
	add(t, s, "n", "new", "base")
	image, err := s.Image("n")
	if err != nil || image.Config.Author != "new" {
		t.Fatalf("got %v, %v", image, err)
	}
	if image, err = s.Image(old.ID.Hex); err != nil || image.Config.Author != "old" {
		t.Errorf("got %v, %v", image, err)
	}
	if got := content(t, s); got != "[] [n] base" {
		t.Errorf("got %s", got)
	}
}

func TestKnownImageIsNotWrittenAgain(t *testing.T) {
	s := open(t, t.TempDir())
	image := add(t, s, "n", "x", "base")
	before := newest(t, s)
	a := begin(t, s)
	if _, err := a.Known(t.Context(), image.Digest, "n"); err != nil {
		t.Fatal(err)
	}
	if add(t, s, "n", "x", "base"); newest(t, s) != before {
		t.Error("files changed")
	}
	a = begin(t, s)
	defer a.Abandon()
	if _, err := a.Known(t.Context(), layerNamed(t, "other"), "n"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// newest identifies the store's files with their times; an image's folder has
// that of its last use.
func newest(t testing.TB, s *Store) (all string) {
	t.Helper()
	for _, pattern := range []string{"images/*/*", "names/*", "layers/*"} {
		paths, err := filepath.Glob(s.path(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			all += fmt.Sprintln(path, info.ModTime().UnixNano())
		}
	}
	return all
}

func TestFinishRefuses(t *testing.T) {
	manifest, config := imageOf(t, "x", "base")
	_, otherConfig := imageOf(t, "y", "base")
	twoLayers, _ := imageOf(t, "x", "base", "top")
	twoLayers = bytes.Replace(twoLayers, []byte(hashOf(t, mustConfig(imageOf(t, "x", "base", "top"))).Hex), []byte(hashOf(t, config).Hex), 1)
	tests := []struct {
		name             string
		manifest, config []byte
		want             string
	}{
		{"another's configuration", manifest, otherConfig, "expected sha256:"},
		{"no manifest", []byte("<html>"), config, "manifest"},
		{"more layers than diff IDs", twoLayers, config, "1 diff IDs, and the manifest 2 layers"},
		{"missing layer", manifest, config, "no such image in the store"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			a := begin(t, s)
			addLayer(t, a, "other")
			_, err := a.Finish(t.Context(), test.manifest, test.config, "n")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			if err := a.Abandon(); err != nil {
				t.Error(err)
			}
			if got := content(t, s); got != "" {
				t.Errorf("left behind: %s", got)
			}
		})
	}
}

func mustConfig(_, config []byte) []byte { return config }

func TestRemove(t *testing.T) {
	tests := []struct {
		name   string
		remove func(one, two *Image) string
		want   string
	}{
		{"a name of two", func(_, _ *Image) string { return "one" }, "[alias] [two] base left right"},
		{"the only name", func(_, _ *Image) string { return "two" }, "[alias one] base left"},
		{"by ID", func(one, _ *Image) string { return one.ID.Hex }, "[two] base right"},
		{"by digest", func(_, two *Image) string { return two.Digest.String() }, "[alias one] base left"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			one := add(t, s, "one", "1", "base", "left")
			add(t, s, "alias", "1", "base", "left")
			two := add(t, s, "two", "2", "base", "right")
			if err := s.Remove(t.Context(), test.remove(one, two)); err != nil {
				t.Fatal(err)
			}
			if got := content(t, s); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	s := open(t, t.TempDir())
	if err := s.Remove(t.Context(), "nothing"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestDamagedImagesDoNotExist(t *testing.T) {
	damage := map[string]func(s *Store, image *Image) error{
		"cut manifest": func(s *Store, image *Image) error {
			return os.Truncate(s.imagePath(image.Digest)+"/manifest.json", 20)
		},
		"changed manifest": func(s *Store, image *Image) error {
			return os.WriteFile(s.imagePath(image.Digest)+"/manifest.json", append(image.Manifest, ' '), 0o644)
		},
		"empty configuration": func(s *Store, image *Image) error {
			return os.Truncate(s.imagePath(image.Digest)+"/config.json", 0)
		},
		"no configuration": func(s *Store, image *Image) error {
			return os.Remove(s.imagePath(image.Digest) + "/config.json")
		},
		"no layer": func(s *Store, image *Image) error { return os.RemoveAll(image.Layers[0]) },
		"cut name": func(s *Store, _ *Image) error { return os.Truncate(s.namePath("n"), 3) },
		"name of nothing": func(s *Store, _ *Image) error {
			return os.WriteFile(s.namePath("n"), []byte(`{"name":"n","image":"sha256:00"}`), 0o644)
		},
		"folder for a manifest": func(s *Store, image *Image) error {
			return folderFor(s.imagePath(image.Digest) + "/manifest.json")
		},
		"file for an image": func(s *Store, image *Image) error { return fileFor(s.imagePath(image.Digest)) },
		"file for a layer":  func(_ *Store, image *Image) error { return fileFor(image.Layers[0]) },
		"folder for a name": func(s *Store, _ *Image) error { return folderFor(s.namePath("n")) },
		"link for a layer":  func(_ *Store, image *Image) error { return linkFor(image.Layers[0]) },
		"random manifest":   func(s *Store, image *Image) error { return noiseFor(s.imagePath(image.Digest) + "/manifest.json") },
		"random name":       func(s *Store, _ *Image) error { return noiseFor(s.namePath("n")) },
	}
	for name, f := range damage {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			image := add(t, s, "n", "x", "base")
			add(t, s, "other", "y", "whole")
			if err := f(s, image); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Image("n"); !errors.Is(err, ErrNotFound) {
				t.Errorf("got %v", err)
			}
			if images, err := s.Images(); err != nil || len(images) == 0 {
				t.Errorf("others are gone as well: %v, %v", images, err)
			}
			add(t, s, "n", "x", "base")
			if _, err := s.Image("n"); err != nil {
				t.Errorf("not replaced: %v", err)
			}
			checkWhole(t, s)
		})
	}
}

// checkWhole fails where something of the store is not.
func checkWhole(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Check(t.Context(), func(problem string) { t.Error(problem) }); err != nil {
		t.Error(err)
	}
}

func fileFor(path string) error {
	return errors.Join(os.RemoveAll(path), os.WriteFile(path, []byte("x"), 0o644))
}

func folderFor(path string) error {
	return errors.Join(os.RemoveAll(path), os.MkdirAll(path+"/sub", 0o755))
}

func linkFor(path string) error {
	return errors.Join(os.RemoveAll(path), os.Symlink("/", path))
}

func noiseFor(path string) error {
	noise := make([]byte, 5000)
	rand.Read(noise)
	return os.WriteFile(path, noise, 0o644)
}

// What is in the place of the store's own folders and files makes room for them.
func TestOpenMends(t *testing.T) {
	for name, damage := range map[string]func(path string) error{"file": fileFor, "nothing": os.RemoveAll} {
		for _, part := range []string{"layers", "images", "names", "tmp"} {
			dir := t.TempDir()
			add(t, open(t, dir), "n", "x", "base")
			if err := damage(filepath.Join(dir, part)); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			add(t, s, "n", "x", "base")
			if _, err := s.Image("n"); err != nil {
				t.Errorf("%s for %s: %v", name, part, err)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string]string{
		"1\n": "", "": "", "random": "", "0": "",
		"2\n": "has layout version 2, and only 1 is known here: take a newer program, or another folder",
	} {
		dir := t.TempDir()
		add(t, open(t, dir), "n", "x", "base")
		if err := os.WriteFile(filepath.Join(dir, "version"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir)
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got %v", text, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if _, err := s.Image("n"); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "version")); err != nil || string(got) != "1\n" {
			t.Errorf("%q: became %q, %v", text, got, err)
		}
	}
}

func TestOpenSweepsLeftovers(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	a := begin(t, s)
	live, err := a.Layer(t.Context(), layerNamed(t, "live"))
	if err != nil {
		t.Fatal(err)
	}
	left := s.path("tmp", "layer-left", "content", "etc")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("leftover: %v", err)
	}
	if _, err := os.Stat(live.Folder); err != nil {
		t.Errorf("work of another: %v", err)
	}
	if err := live.Commit(); err != nil {
		t.Error(err)
	}
	if err := a.Abandon(); err != nil {
		t.Error(err)
	}
}

func TestLayerTakesOverALeftover(t *testing.T) {
	s := open(t, t.TempDir())
	left := s.path("tmp", "layer-"+layerNamed(t, "base").Hex, "content", "old")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if add(t, s, "n", "x", "base"); content(t, s) != "[n] base" {
		t.Errorf("got %s", content(t, s))
	}
}

func TestOneLayerAtOnce(t *testing.T) {
	dir := t.TempDir()
	var unpacked sync.Map
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			s := open(t, dir)
			for _, l := range []string{"a", "b", "c"} {
				a := begin(t, s)
				if addLayer(t, a, l) {
					if _, twice := unpacked.LoadOrStore(l, i); twice {
						t.Errorf("%s was unpacked twice", l)
					}
				}
				manifest, config := imageOf(t, l, l)
				if _, err := a.Finish(t.Context(), manifest, config, l); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := content(t, open(t, dir)); got != "[a] [b] [c] a b c" {
		t.Errorf("got %s", got)
	}
}

func TestLayerWaitEndsWithContext(t *testing.T) {
	s := open(t, t.TempDir())
	a := begin(t, s)
	l, err := a.Layer(t.Context(), layerNamed(t, "base"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Discard()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := begin(t, s).Layer(ctx, layerNamed(t, "base")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestAbandonLeavesLayersToOthers(t *testing.T) {
	s := open(t, t.TempDir())
	one, two := begin(t, s), begin(t, s)
	addLayer(t, one, "base")
	if addLayer(t, two, "base") {
		t.Fatal("unpacked twice")
	}
	if err := one.Abandon(); err != nil {
		t.Fatal(err)
	}
	manifest, config := imageOf(t, "x", "base")
	if _, err := two.Finish(t.Context(), manifest, config, "n"); err != nil {
		t.Errorf("the layer is gone: %v", err)
	}
}

func TestOpenFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v", err)
	}
}
