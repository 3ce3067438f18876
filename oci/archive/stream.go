package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"bootrc/oci/layer"
	"bootrc/oci/manifest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// maxDocuments bounds the documents of an archive that are kept, in bytes.
const maxDocuments = 64 << 20

// passing is an archive that is read once, from its beginning to its end. What is in it may stand
// in any order, and which of it belongs to the image is often said at the end: documents are
// kept, and all else is taken for layers.
type passing struct {
	documents map[string][]byte
	links     map[string]string
	layers    map[string]int64 // sizes, by name
	kept      int
}

// receive reads an archive, compressed or not, as it comes. Each member that is no document is
// given to unpack, which puts it into the store if it is a layer.
func receive(r io.Reader, unpack func(layer.Blob) error) (*passing, error) {
	p := &passing{documents: make(map[string][]byte), links: make(map[string]string), layers: make(map[string]int64)}
	plain := layer.Decompress(r)
	t := tar.NewReader(plain)
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = p.take(h, t, unpack)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(p.documents) == 0 {
		return nil, errors.New("no archive of an image, or an empty one")
	}
	// what is behind its end counts, too, where it was compressed: its sum
	_, err := io.Copy(io.Discard, io.LimitReader(plain, maxDocuments))
	return p, err
}

func (p *passing) take(h *tar.Header, content io.Reader, unpack func(layer.Blob) error) error {
	name := path.Clean(h.Name)
	if len(p.documents)+len(p.layers)+len(p.links) > maxMembers {
		return fmt.Errorf("it has more than the %d members allowed", maxMembers)
	}
	switch h.Typeflag {
	case tar.TypeSymlink:
		p.links[name] = path.Join(path.Dir(h.Name), h.Linkname)
	case tar.TypeLink:
		p.links[name] = path.Clean(h.Linkname)
	case tar.TypeReg:
		return p.takeFile(name, bufio.NewReader(content), h.Size, unpack)
	}
	return nil
}

func (p *passing) takeFile(name string, content *bufio.Reader, size int64, unpack func(layer.Blob) error) error {
	r := io.Reader(content)
	head, err := content.Peek(1)
	if err != nil && size > 0 {
		return err
	}
	if size <= manifest.MaxSize && (size == 0 || head[0] == '{' || head[0] == '[') {
		data, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		if size == 0 || json.Valid(data) {
			return p.keep(name, data)
		}
		r = bytes.NewReader(data)
	}
	p.layers[name] = size
	blob := layer.Blob{Content: io.NopCloser(r), Size: size}
	if digest, ok := strings.CutPrefix(name, "blobs/"); ok {
		if hash, err := v1.NewHash(strings.Replace(digest, "/", ":", 1)); err == nil {
			blob.Digest = hash
		}
	}
	if err := unpack(blob); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (p *passing) keep(name string, data []byte) error {
	if p.kept += len(data); p.kept > maxDocuments {
		return fmt.Errorf("its documents have more than the %d bytes allowed", maxDocuments)
	}
	p.documents[name] = data
	return nil
}

// open returns a document. A layer is in the store already, and nobody reads it again.
func (p *passing) open(name string) (io.ReadCloser, int64, error) {
	name = path.Clean(name)
	for range maxLinks {
		if to, ok := p.links[name]; ok {
			name = to
			continue
		}
		if data, ok := p.documents[name]; ok {
			return io.NopCloser(bytes.NewReader(data)), int64(len(data)), nil
		}
		if size, ok := p.layers[name]; ok {
			return io.NopCloser(strings.NewReader("")), size, nil
		}
		return nil, 0, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return nil, 0, fmt.Errorf("%s: links in circles", name)
}

func (p *passing) close() error { return nil }

// ReceiveLayout reads an archive of a layout as it comes, and returns its image of that name, or
// its only one. unpack gets all layers that are in it.
func ReceiveLayout(r io.Reader, name string, unpack func(layer.Blob) error) (*Layout, error) {
	p, err := receive(r, unpack)
	return &Layout{files: p, name: name}, err
}

// ReceiveDocker is ReceiveLayout for an archive of "docker save".
func ReceiveDocker(r io.Reader, name string, unpack func(layer.Blob) error) (*Docker, error) {
	p, err := receive(r, unpack)
	return &Docker{files: p, name: name}, err
}
