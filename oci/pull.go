// Package oci finds images, by the references of containers-transports(5), and
// pulls them into a store: from registries, image layouts and archives.
//
// Every byte is verified, by the digests in the manifest as it arrives and by
// the diff IDs in the configuration when it is decompressed. Layers come several
// at a time, each as one stream from the network into the folder that overlayfs
// will stack; none is written twice or held in memory.
package oci

import (
	"context"
	"errors"
	"fmt"

	"bootrc/oci/manifest"
	"bootrc/oci/reference"
	"bootrc/oci/store"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Pull gets the reference's image into the store, if it is not there already,
// and gives it the reference as its name. Where the disk is full, images that were
// not used for long make room. A pull that fails leaves nothing in the store. A
// reference to an image of the store is only looked up.
func Pull(ctx context.Context, s *store.Store, ref reference.Reference, o Options) (*store.Image, error) {
	if ref.Transport == reference.Stored {
		return s.Image(ref.Name)
	}
	image, err := pull(ctx, s, ref, o)
	if err != nil {
		return nil, fmt.Errorf("pull %s: %w", ref, err)
	}
	return image, nil
}

func pull(ctx context.Context, s *store.Store, ref reference.Reference, o Options) (*store.Image, error) {
	src, err := open(ctx, ref, o)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	m, err := resolve(ctx, src, o.platform())
	if err != nil {
		return nil, err
	}
	a := s.Add()
	defer a.Abandon()
	p := newProgress(ref, m, o)
	image, err := a.Known(ctx, m.Digest, ref.String())
	if err == nil {
		p.finish()
		return image, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	config, file, err := readConfig(ctx, src, m)
	if err != nil {
		return nil, err
	}
	if err := p.checkPlatform(file, o.platform()); err != nil {
		return nil, err
	}
	f := fetch{src: src, store: s, addition: a, progress: p, list: m.Layers, diffIDs: file.RootFS.DiffIDs}
	if err := f.layers(ctx); err != nil {
		return nil, err
	}
	err = f.withSpace(ctx, func() (need, error) {
		image, err = a.Finish(ctx, m.Raw, config, ref.String())
		return need{about: store.Space{Bytes: int64(len(m.Raw) + len(config))}}, err
	})
	if err != nil {
		return nil, err
	}
	p.finish()
	return image, nil
}

func readConfig(ctx context.Context, src source, m *manifest.Document) ([]byte, *v1.ConfigFile, error) {
	raw, err := readBlob(ctx, src, *m.Config)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	file, err := manifest.ParseConfig(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration %s is broken: %w", m.Config.Digest, err)
	}
	if len(file.RootFS.DiffIDs) != len(m.Layers) {
		return nil, nil, fmt.Errorf("configuration %s has %d diff IDs, and the manifest %d layers",
			m.Config.Digest, len(file.RootFS.DiffIDs), len(m.Layers))
	}
	return raw, file, nil
}
