package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// serveImage starts a registry on a free port of the loopback, with one image in it: a single
// layer that holds program as its entrypoint. It returns the image's reference as a machine
// sees it through QEMU's user-mode network, where the loopback is 10.0.2.2.
func serveImage(program string) (string, error) {
	image, err := singleProgram(program)
	if err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	quiet := log.New(io.Discard, "", 0)
	go http.Serve(listener, registry.New(registry.Logger(quiet)))

	ref, err := name.ParseReference(listener.Addr().String()+"/uptime", name.Insecure)
	if err != nil {
		return "", err
	}
	if err := remote.Write(ref, image); err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	return fmt.Sprintf("10.0.2.2:%d/uptime", listener.Addr().(*net.TCPAddr).Port), nil
}

// singleProgram is an image whose only file is a copy of the static program.
func singleProgram(program string) (v1.Image, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	header := &tar.Header{Name: "uptime", Mode: 0o755, Size: int64(len(content))}
	if err := w.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}

	l, err := tarball.LayerFromReader(&layer)
	if err != nil {
		return nil, fmt.Errorf("layer of %s: %w", program, err)
	}
	config := &v1.ConfigFile{
		Architecture: "amd64",
		OS:           "linux",
		RootFS:       v1.RootFS{Type: "layers"},
		Config:       v1.Config{Entrypoint: []string{"/uptime"}},
	}
	image, err := mutate.ConfigFile(empty.Image, config)
	if err != nil {
		return nil, err
	}
	return mutate.AppendLayers(image, l)
}
