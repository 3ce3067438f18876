package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"bootrc/kit/durable"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/match"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// keptImages are the images that were fetched, in the user's cache; while they are open, no other has them.
type keptImages struct {
	layout.Path
	lock *os.File
}

func openKept() (*keptImages, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(cache, "bootrc", "images")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	lock, err := durable.Lock(context.Background(), filepath.Join(folder, "lock"))
	if err != nil {
		return nil, err
	}
	images, err := layout.FromPath(folder)
	if err != nil {
		images, err = layout.Write(folder, empty.Index)
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	return &keptImages{images, lock}, nil
}

func (k *keptImages) close() { k.lock.Close() }

// fetched returns a registry's image, which is kept; or what was kept of it, where the registry cannot be reached.
func (k *keptImages) fetched(text string, p v1.Platform) (v1.Image, error) {
	ref, err := name.ParseReference(text)
	if err != nil {
		return nil, err
	}
	key := ref.Name() + " " + p.String()
	image, err := remote.Image(ref, remote.WithPlatform(p), remote.WithAuthFromKeychain(authn.DefaultKeychain))
	if err == nil {
		err = k.replace(image, key)
	}
	old, missing := fromLayout(string(k.Path), key, p)
	switch {
	case missing != nil:
		return nil, cmp.Or(err, missing)
	case err != nil:
		fmt.Fprintf(os.Stderr, "boot: %v: using what was fetched before\n", err)
	}
	return old, nil
}

// replace keeps an image in place of the former one of that key, whose blobs go.
func (k *keptImages) replace(image v1.Image, key string) error {
	annotation := map[string]string{"org.opencontainers.image.ref.name": key}
	if err := k.ReplaceImage(image, match.Name(key), layout.WithAnnotations(annotation)); err != nil {
		return err
	}
	unused, err := k.GarbageCollect()
	for _, blob := range unused {
		err = errors.Join(err, k.RemoveBlob(blob))
	}
	return err
}
