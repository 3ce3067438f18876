package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"bootrc/oci/store"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// What the store of the measurement has.
const (
	storeImages = 200
	storeLayers = 150 // each image has eight of them
	storeDisk   = "20G"
)

// bookkeeping boots a machine with 200 images on its disk, and prints how long what
// a boot asks of the store takes there. The initramfs has bench/store.sh in place of
// the pipeline's hook: it prints a line a step.
func (b *bench) bookkeeping(ctx context.Context) error {
	// in memory, where the store does not wait for a disk
	content, err := os.MkdirTemp("/dev/shm", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(content)
	if err := fillStore(ctx, filepath.Join(content, "oci")); err != nil {
		return err
	}
	hw := b.hardware(b.cached, "b2c.filesystem=cache,src=/dev/vda,type=ext4 b2c.cache_device=cache", memory)
	disk := b.addDisk(&hw)
	if out, err := exec.Command("mkfs.ext4", "-q", "-d", content, disk, storeDisk).CombinedOutput(); err != nil {
		return fmt.Errorf("mkfs.ext4 %s: %w: %s", disk, err, out)
	}
	boot, err := start(ctx, hw)
	if err != nil && !errors.Is(err, errStopped) {
		return err
	}
	fmt.Printf("A store of %d images on a disk of %s:\n\n", storeImages, storeDisk)
	steps := 0
	for _, l := range boot.Console {
		if step, ok := strings.CutPrefix(l.Text, "store: "); ok {
			steps++
			fmt.Println(step)
		}
	}
	if steps == 0 {
		return fmt.Errorf("the machine measured nothing; its console ended with\n%s", boot.tail(25))
	}
	return nil
}

// fillStore makes the images, each a configuration of a usual length and eight
// layers, and shares most of them.
func fillStore(ctx context.Context, folder string) error {
	s, err := store.Open(folder)
	if err != nil {
		return err
	}
	for i := range storeImages {
		a := s.Add()
		config := v1.ConfigFile{OS: "linux", Architecture: "amd64", RootFS: v1.RootFS{Type: "layers"}}
		config.Config.Env = []string{strings.Repeat("x", 4000), fmt.Sprint(i)}
		manifest := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1}
		for l := range 8 {
			id := hashOf(fmt.Append(nil, (i+1)*l%storeLayers))
			if err := addLayer(ctx, a, id); err != nil {
				return err
			}
			config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, id)
			manifest.Layers = append(manifest.Layers, v1.Descriptor{MediaType: types.OCILayer, Digest: id, Size: 1 << 20})
		}
		raw, err := json.Marshal(config)
		if err != nil {
			return err
		}
		manifest.Config = v1.Descriptor{MediaType: types.OCIConfigJSON, Digest: hashOf(raw), Size: int64(len(raw))}
		rawManifest, err := json.Marshal(manifest)
		if err != nil {
			return err
		}
		if _, err := a.Finish(ctx, rawManifest, raw, fmt.Sprintf("registry.example/image%d:latest", i)); err != nil {
			return err
		}
	}
	return nil
}

func addLayer(ctx context.Context, a *store.Addition, id v1.Hash) error {
	l, err := a.Layer(ctx, id)
	if l == nil || err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(l.Folder, "file"), make([]byte, 100<<10), 0o644); err != nil {
		return err
	}
	return l.Commit()
}

func hashOf(b []byte) v1.Hash {
	sum := sha256.Sum256(b)
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}
}
