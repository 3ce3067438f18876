package test

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestImage(t *testing.T) {
	dir := t.TempDir()
	files := fstest.MapFS{
		"tool.json":         {Data: []byte(`{"Entrypoint": ["/usr/bin/tool"], "User": "nobody"}`)},
		"tool/usr/bin/tool": {Data: []byte("#!/bin/sh\n")},
		"tool/etc/tool.ini": {Data: []byte("a=b\n")},
	}
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", filepath.Join(dir, "tool/etc/none")); err != nil {
		t.Fatal(err)
	}
	image, err := buildImage(filepath.Join(dir, "tool"), []string{"-v", "a b"})
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c := file.Config
	got := fmt.Sprintf("%s/%s %q %q %s", file.OS, file.Architecture, c.Entrypoint, c.Cmd, c.User)
	if want := `linux/amd64 ["/usr/bin/tool"] ["-v" "a b"] nobody`; got != want {
		t.Errorf("config %s, want %s", got, want)
	}
	layers, err := image.Layers()
	if err != nil || len(layers) != 2 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	if base := contents(t, layers[0]); !slices.Contains(base, "755 bin/busybox") || !slices.Contains(base, "777 bin/sh -> busybox") {
		t.Errorf("no busybox in %q", base)
	}
	want := []string{"777 etc/none -> /dev/null", "644 etc/tool.ini", "755 usr/bin/tool"}
	if files := contents(t, layers[1]); !slices.Equal(files, want) {
		t.Errorf("files %q, want %q", files, want)
	}
}

func TestImageWithAMistypedConfig(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tool.json"), []byte(`{"EntryPiont": ["/usr/bin/tool"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := buildImage(filepath.Join(dir, "tool"), nil); err == nil || !strings.Contains(err.Error(), "EntryPiont") {
		t.Errorf("got %v", err)
	}
}

// contents returns the mode and name of each file of a layer.
func contents(t *testing.T, layer v1.Layer) []string {
	t.Helper()
	r, err := layer.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var files []string
	for archive := tar.NewReader(r); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%o %s", header.Mode, header.Name)
		if header.Linkname != "" {
			line += " -> " + header.Linkname
		}
		files = append(files, line)
	}
}
