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
	guard, err := newGuard(s, ref, o)
	if err != nil {
		return nil, err
	}
	a := s.Add()
	defer a.Abandon()
	sources, err := open(ctx, ref, a, o)
	if err != nil {
		return nil, err
	}
	for i, src := range sources {
		p := pulling{ref: ref, options: o, store: s, addition: a, guard: guard, src: src}
		image, err := p.pull(ctx)
		src.Close()
		if err == nil || i+1 == len(sources) || ctx.Err() != nil {
			return image, err
		}
		o.warn(fmt.Sprintf("pull %s: %v: going on with the next place", ref, err))
	}
	return nil, errors.New("nothing to pull from")
}

// pulling is one source's image on its way into the store.
type pulling struct {
	ref      reference.Reference
	options  Options
	store    *store.Store
	addition *store.Addition
	guard    *guard
	src      source
}

func (p *pulling) pull(ctx context.Context) (*store.Image, error) {
	indexes, m, err := resolve(ctx, p.src, p.options.platform())
	if err != nil {
		return nil, err
	}
	if err := p.guard.prove(ctx, p.src, indexes, m.Digest); err != nil {
		return nil, err
	}
	shown := newProgress(p.ref, m, p.options)
	if came, ok := p.src.(received); ok {
		shown.came(came.bytes)
	}
	image, err := p.known(ctx, m.Digest)
	if err == nil {
		shown.finish()
		return image, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	config, file, err := readConfig(ctx, p.src, m)
	if err != nil {
		return nil, err
	}
	if err := shown.checkPlatform(file, p.options.platform()); err != nil {
		return nil, err
	}
	if err := p.guard.checkAge(file); err != nil {
		return nil, err
	}
	f := fetch{src: p.src, store: p.store, addition: p.addition, progress: shown, list: m.Layers, diffIDs: file.RootFS.DiffIDs}
	if err := f.layers(ctx); err != nil {
		if came, ok := p.src.(received); ok && came.unread != nil {
			err = fmt.Errorf("%w; %w", err, came.unread)
		}
		return nil, err
	}
	err = f.withSpace(ctx, func() (need, error) {
		// before the name, which nobody could run without
		if err := p.guard.keep(m.Digest); err != nil {
			return need{}, err
		}
		image, err = p.addition.Finish(ctx, m.Raw, config, p.names()...)
		return need{about: store.Space{Bytes: int64(len(m.Raw) + len(config))}}, err
	})
	if err != nil {
		return nil, err
	}
	shown.finish()
	return image, nil
}

// names are what the store calls the image.
func (p *pulling) names() []string {
	names := []string{p.ref.String()}
	src := p.src
	if r, ok := src.(received); ok {
		src = r.source
	}
	if named, ok := src.(interface{ Names() []string }); ok && p.options.TakeNames {
		names = append(names, named.Names()...)
	}
	return names
}

// known ends the pull of an image that the store has already.
func (p *pulling) known(ctx context.Context, digest v1.Hash) (*store.Image, error) {
	known, err := p.store.Image(digest.String())
	if err == nil {
		err = errors.Join(p.guard.checkAge(known.Config), p.guard.keep(digest))
	}
	if err != nil {
		return nil, err
	}
	return p.addition.Known(ctx, digest, p.names()...)
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
