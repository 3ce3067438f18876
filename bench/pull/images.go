package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// image is one that is pulled: layers writes each of its layers.
type image struct {
	name   string
	slow   bool // by a link of 50 ms and 100 Mbit/s
	layers []func(*tar.Writer) error
}

var images = []image{
	{name: "system", layers: []func(*tar.Writer) error{
		own(1100<<20, "/usr/bin", "/usr/sbin", "/usr/lib"), own(800<<20, "/usr/share"),
		own(500<<20, "/usr/local", "/usr/include"), own(400<<20, "/usr/lib", "/opt", "/var/lib"),
	}},
	{name: "hundred", layers: repeat(100, noise(1<<20))},
	{name: "large", layers: repeat(1, noise(2<<30))},
	{name: "link", slow: true, layers: repeat(4, noise(10<<20))},
}

// own writes this machine's own files below some folders, up to a number of bytes.
func own(limit int64, folders ...string) func(*tar.Writer) error {
	return func(w *tar.Writer) error {
		left := limit
		for _, folder := range folders {
			err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
				if err != nil || left <= 0 {
					return fs.SkipAll
				}
				n, err := addFile(w, path, d)
				left -= n
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func addFile(w *tar.Writer, path string, d fs.DirEntry) (int64, error) {
	info, err := d.Info()
	if err != nil || !d.IsDir() && !info.Mode().IsRegular() && d.Type() != fs.ModeSymlink {
		return 0, nil // gone, or no file of an image
	}
	target := ""
	if d.Type() == fs.ModeSymlink {
		target, _ = os.Readlink(path)
	}
	h, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return 0, err
	}
	h.Name = strings.TrimPrefix(path, "/")
	if !info.Mode().IsRegular() {
		return 0, w.WriteHeader(h)
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, nil
	}
	defer f.Close()
	if err := w.WriteHeader(h); err != nil {
		return 0, err
	}
	return io.CopyN(w, f, h.Size)
}

// noise writes files of random digits, of a MiB at most: half of their size when compressed.
func noise(size int64) func(n int) func(*tar.Writer) error {
	return func(n int) func(*tar.Writer) error {
		return func(w *tar.Writer) error {
			digits := hexadecimal{rand.NewChaCha8([32]byte{byte(n)})}
			for at := int64(0); at < size; at += 1 << 20 {
				part := min(size-at, 1<<20)
				if err := w.WriteHeader(&tar.Header{Name: fmt.Sprintf("%03d/%05d", n, at>>20), Mode: 0o644, Size: part}); err != nil {
					return err
				}
				if _, err := io.CopyN(w, digits, part); err != nil {
					return err
				}
			}
			return nil
		}
	}
}

type hexadecimal struct{ source io.Reader }

func (h hexadecimal) Read(p []byte) (int, error) {
	n, err := h.source.Read(p)
	for i, b := range p[:n] {
		p[i] = "0123456789abcdef"[b&15]
	}
	return n, err
}

func repeat(count int, layer func(n int) func(*tar.Writer) error) (layers []func(*tar.Writer) error) {
	for n := range count {
		layers = append(layers, layer(n))
	}
	return layers
}

// pushed is an image in the registry.
type pushed struct {
	image
	reference, host string
	blobs           []string // the digests of its layers
	size            int64    // of these, in bytes
}

// push makes an image and puts it into the registry.
func (i image) push(ctx context.Context, r *registry, work string) (pushed, error) {
	p := pushed{image: i, host: r.address(i.slow)}
	p.reference = p.host + "/" + i.name + ":v1"
	ref, err := name.ParseReference(r.address(false)+"/"+i.name+":v1", name.Insecure)
	if err != nil {
		return p, err
	}
	whole, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: runtime.GOARCH, RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		return p, err
	}
	whole = mutate.ConfigMediaType(mutate.MediaType(whole, types.OCIManifestSchema1), types.OCIConfigJSON)
	for n, write := range i.layers {
		file := filepath.Join(work, fmt.Sprintf("layer%d", n))
		defer os.Remove(file)
		if err := compress(ctx, file, write); err != nil {
			return p, err
		}
		l, err := tarball.LayerFromFile(file, tarball.WithMediaType(types.OCILayer))
		if err != nil {
			return p, err
		}
		digest, err := l.Digest()
		if err != nil {
			return p, err
		}
		size, err := l.Size()
		if err != nil {
			return p, err
		}
		p.blobs, p.size = append(p.blobs, digest.String()), p.size+size
		if whole, err = mutate.AppendLayers(whole, l); err != nil {
			return p, err
		}
	}
	return p, remote.Write(ref, whole, remote.WithContext(ctx))
}

// compress writes a layer as gzip does by itself.
func compress(ctx context.Context, file string, write func(*tar.Writer) error) (err error) {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, "pigz", "-c")
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	archive := tar.NewWriter(in)
	return errors.Join(write(archive), archive.Close(), in.Close(), cmd.Wait())
}
