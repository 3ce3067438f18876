package registry

import (
	"archive/tar"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"bootrc/test/machine"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// What was pushed can be pulled, for its architecture, with its one file.
func TestPushedImage(t *testing.T) {
	image, err := single("hello", []byte("program"), "arm64")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(registry.New())
	defer server.Close()
	reference := strings.TrimPrefix(server.URL, "http://") + "/hello"
	if err := push(image, reference); err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	pulled, err := remote.Image(ref)
	if err != nil {
		t.Fatal(err)
	}
	config, err := pulled.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.OS != "linux" || config.Architecture != "arm64" || len(config.Config.Entrypoint) != 1 || config.Config.Entrypoint[0] != "/hello" {
		t.Errorf("config %s/%s, entrypoint %q", config.OS, config.Architecture, config.Config.Entrypoint)
	}
	checkFile(t, pulled, "hello", "program")
}

// checkFile fails unless the image is one layer of one executable file.
func checkFile(t *testing.T, image v1.Image, wantName, wantContent string) {
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	r := tar.NewReader(content)
	header, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if header.Name != wantName || header.Mode != 0o755 || string(got) != wantContent {
		t.Errorf("%s, mode %o, %q", header.Name, header.Mode, got)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("after the only file: %v", err)
	}
}

func TestPushWithoutRegistry(t *testing.T) {
	image, err := single("hello", nil, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(nil)
	address := strings.TrimPrefix(server.URL, "http://")
	server.Close()
	if err := push(image, address+"/hello"); err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("push to a closed port: %v", err)
	}
}

func TestServedImage(t *testing.T) {
	reference, err := Serve(Loopback, "hello", "amd64", []byte("program"))
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(strings.Replace(reference, machine.Host, "127.0.0.1", 1), name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	image, err := remote.Image(ref)
	if err != nil {
		t.Fatal(err)
	}
	checkFile(t, image, "hello", "program")
}
