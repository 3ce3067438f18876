package main

import (
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/oci/archive"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func randomImage(t *testing.T) v1.Image {
	t.Helper()
	image, err := random.Image(1000, 2)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// checkFile wants the machine to find the image, whole, in what is its disk.
func checkFile(t *testing.T, text string, want v1.Image) {
	t.Helper()
	file, named, err := imageFile(t.TempDir(), text, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	l, err := archive.OpenLayout(file, named)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	digest, err := want.Digest()
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.Manifest(t.Context(), digest)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for _, d := range append(m.Layers, *m.Config) {
		blob, err := l.Blob(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := v1.SHA256(io.LimitReader(blob.Content, d.Size))
		if err != nil || got != d.Digest {
			t.Errorf("%s: blob %s is %s, %v", text, d.Digest, got, err)
		}
		blob.Content.Close()
	}
}

func TestImageOfLayout(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "images")
	l, err := layout.Write(folder, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	one, two := randomImage(t), randomImage(t)
	for name, image := range map[string]v1.Image{"one": one, "two": two} {
		if err := l.AppendImage(image, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": name})); err != nil {
			t.Fatal(err)
		}
	}
	checkFile(t, "oci:"+folder+":one", one)
	checkFile(t, "oci:"+folder+":two", two)
	for text, want := range map[string]string{
		"oci:" + folder: "2 images in", "oci:" + folder + ":three": "0 images in", "oci:/nonexistent": "no such file",
		"oci-archive:/nonexistent": "no such file", "docker-archive:x": "neither in a registry", "A B": "image \"A B\"",
	} {
		_, _, err := imageFile(t.TempDir(), text, "amd64")
		checkError(t, text, err, want)
	}
}

// An image of a registry is there when the registry is not.
func TestFetchedImage(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	server := httptest.NewServer(registry.New())
	text := strings.TrimPrefix(server.URL, "http://") + "/box:v1"
	ref, err := name.ParseReference(text)
	if err != nil {
		t.Fatal(err)
	}
	image := randomImage(t)
	if err := remote.Write(ref, image); err != nil {
		t.Fatal(err)
	}
	checkFile(t, "docker://"+text, image)
	blobs := countBlobs(t)
	if image = randomImage(t); remote.Write(ref, image) != nil {
		t.Fatal("the image cannot be replaced")
	}
	checkFile(t, "docker://"+text, image)
	if now := countBlobs(t); now != blobs {
		t.Errorf("%d blobs are kept of an image that was replaced, and not %d", now, blobs)
	}
	server.Close()
	checkFile(t, "docker://"+text, image)
	_, _, err = imageFile(t.TempDir(), strings.Replace(text, "box", "other", 1), "amd64")
	checkError(t, "an image that was never there", err, "/other")
}

func countBlobs(t *testing.T) int {
	t.Helper()
	blobs, err := filepath.Glob(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "bootrc/images/blobs/*/*"))
	if err != nil || len(blobs) == 0 {
		t.Fatalf("no blobs are kept: %v", err)
	}
	return len(blobs)
}
