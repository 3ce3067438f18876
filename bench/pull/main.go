// Pull measures bootrc's pull beside podman, skopeo with umoci, crane with tar, and two pipes
// that check nothing: curl, pigz or igzip, and bsdtar for all layers at once.
//
//	usage: pull -ours FILE [-runs N] [-row NAME] [-only NAME]
//
// bench/pull.sh is the way to call this, as root: it installs the peers.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ours := flag.String("ours", "", "the `FILE` of bootrc's binary")
	runs := flag.Int("runs", 3, "how often each way pulls each image")
	row := flag.String("row", "", "this image alone")
	only := flag.String("only", "", "this way alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, *ours, *runs, *row, *only); err != nil {
		fmt.Fprintln(os.Stderr, "pull:", err)
		stop()
		os.Exit(1)
	}
}

// measure prints a table for each image and place.
func measure(ctx context.Context, ours string, runs int, row, only string) error {
	work, err := os.MkdirTemp("", "bench-pull-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	server, err := startRegistry(ctx, filepath.Join(work, "registry"))
	if err != nil {
		return err
	}
	defer server.stop()
	for _, i := range images {
		if row != "" && i.name != row {
			continue
		}
		fmt.Fprintf(os.Stderr, "pull: making the image %s\n", i.name)
		pushed, err := i.push(ctx, server, work)
		if err != nil {
			return fmt.Errorf("image %s: %w", i.name, err)
		}
		for _, place := range []string{"tmpfs", "ext4"} {
			if err := measureAt(ctx, ours, pushed, place, work, runs, only); err != nil {
				return fmt.Errorf("image %s on %s: %w", i.name, place, err)
			}
		}
	}
	return nil
}

// measureAt has all ways pull one image onto one kind of file system, by turns.
func measureAt(ctx context.Context, ours string, image pushed, place, work string, runs int, only string) error {
	taken := make(map[string][]sample)
	for run := range runs {
		// none is always the first, which meets a cold cache, or the last
		for i := range ways {
			w := ways[(i+run)%len(ways)]
			if only != "" && w.name != only {
				continue
			}
			s, err := w.pull(ctx, ours, image, place, filepath.Join(work, "to"))
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			fmt.Fprintf(os.Stderr, "%s, %s, %s: %v\n", image.name, place, w.name, s)
			taken[w.name] = append(taken[w.name], s)
		}
	}
	print(os.Stdout, image.name+" on "+place, taken)
	return nil
}
