package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"bootrc/kit/durable"
	"bootrc/oci/store"
	"bootrc/rootfs/volume"
)

// imageStore is where a read-only image store is mounted: b2c.storage=.
const imageStore = "/run/bootrc/imagestore"

// ownImages is the store that an initramfs carries: mkinitramfs.sh --image. A workstation may have
// something else there.
const ownImages = "/images"

// storeOpener returns what opens the image store at its first call. A read-only
// store is added as soon as there is one; the boot does without one that is of no
// use.
func storeOpener() func() (*store.Store, error) {
	open := sync.OnceValues(func() (*store.Store, error) {
		reserve()
		return store.Open(filepath.Join(storage(), "oci"))
	})
	return func() (*store.Store, error) {
		s, err := open()
		if err != nil {
			return nil, err
		}
		for _, err := range []error{attachOwn(s), attachMounted(s)} {
			if err != nil {
				fmt.Fprintf(os.Stderr, "%v: going on without it\n", err)
			}
		}
		return s, nil
	}
}

func attachOwn(s *store.Store) error {
	if _, err := os.Stat(filepath.Join(ownImages, "version")); err != nil {
		return nil
	}
	if err := store.RestoreAttributes(ownImages); err != nil {
		return err
	}
	return s.Attach(ownImages)
}

func attachMounted(s *store.Store) error {
	if _, err := os.Stat(imageStore); err != nil {
		return nil
	}
	return s.Attach(imageStore)
}

// aliases is the file of S3 aliases: in a boot, the machine's; on a workstation,
// "", for the caller's own.
func aliases() string {
	if _, err := os.Stat("/storage"); err != nil {
		return ""
	}
	return "/run/bootrc/s3.json"
}

// storage is where images and containers are: on a workstation, where there is
// no /storage, with other programs' state.
func storage() string {
	if _, err := os.Stat("/storage"); err != nil {
		return "/var/lib/bootrc"
	}
	return "/storage"
}

// reserve keeps room for those who put a cache in order that a volume has filled.
func reserve() {
	if err := durable.Reserve(storage()); err != nil {
		fmt.Fprintf(os.Stderr, "%v: going on without\n", err)
	}
}

// volumesOpener returns what opens the volumes at its first call.
func volumesOpener() func() (*volume.Store, error) {
	return sync.OnceValues(func() (*volume.Store, error) {
		reserve()
		return volume.Open(filepath.Join(storage(), "volumes"))
	})
}
