// Images fills a folder with a store of images that an initramfs can carry: mkinitramfs.sh --image.
// As root: unpacking needs it.
//
//	usage: images -arch ARCH FOLDER IMAGE…
package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"bootrc/kit/command"
	"bootrc/oci"
	"bootrc/oci/reference"
	"bootrc/oci/store"
)

func main() {
	arch := flag.String("arch", "amd64", "the machine's `architecture`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := fill(ctx, flag.Arg(0), *arch, flag.Args()[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

func fill(ctx context.Context, folder, arch string, images []string) error {
	for _, image := range images {
		if err := pull(ctx, folder, arch, image); err != nil {
			return err
		}
	}
	// what the store is without: its layers, images and names are the same each time
	for _, name := range []string{"index", "lock", "tmp", "proofs"} {
		if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	if err := store.SaveAttributes(folder); err != nil {
		return err
	}
	return settle(folder)
}

// pull has a command do it, for the credentials and mirrors that it knows. An image of an archive has
// the name that it has there.
func pull(ctx context.Context, folder, arch, image string) error {
	ref, err := reference.Parse(image)
	if err != nil {
		return err
	}
	name := "load"
	if ref.Transport == reference.Docker {
		name = "pull"
	}
	commands := oci.Commands(func() (*store.Store, error) { return store.Open(folder) })
	i := slices.IndexFunc(commands, func(c command.Command) bool { return c.Name == name })
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	return commands[i].Do(ctx, &command.Call{Name: name, Args: []string{"--arch=" + arch, image}, Dir: dir, Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stderr, Stderr: os.Stderr})
}

// settle gives all that was not in a layer one time, so that the same images make the same archive.
func settle(folder string) error {
	layers := filepath.Join(folder, "layers")
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if filepath.Dir(path) == layers {
			return fs.SkipDir
		}
		return os.Chtimes(path, time.Unix(0, 0), time.Unix(0, 0))
	})
}
