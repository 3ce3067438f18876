// S3 measures s3sync beside mc, rclone and s5cmd, on one MinIO server.
//
//	usage: go run ./bench/s3 -ours FILE [-runs N] [-only NAME]
//
// bench/s3.sh is the way to call this: it installs the peers. Each run has every program
// do every task once, by turns, each in a bucket of its own.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"bootrc/s3/s3test"
)

func main() {
	ours := flag.String("ours", "", "the `FILE` of bootrc's binary")
	runs := flag.Int("runs", 5, "how often each program does each task")
	only := flag.String("only", "", "have only the program of this `NAME` run")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, *ours, *runs, *only); err != nil {
		fmt.Fprintf(os.Stderr, "s3: %v\n", err)
		os.Exit(1)
	}
}

// measure prints the tables of times and of memory.
func measure(ctx context.Context, ours string, runs int, only string) error {
	work, err := os.MkdirTemp("", "bench-s3-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	small, large := filepath.Join(work, "small"), filepath.Join(work, "large")
	if err := makeSmall(small); err != nil {
		return err
	}
	if err := makeLarge(large); err != nil {
		return err
	}
	server, err := s3test.NewServer(s3test.MinIO, work)
	if err != nil {
		return err
	}
	defer server.Kill()
	programs, err := programs(ours, server, filepath.Join(work, "home"))
	if err != nil {
		return err
	}
	r := newResults(programs)
	for run := range runs {
		// none is always the first, which meets a cold cache, or the last
		for i := range programs {
			p := programs[(i+run)%len(programs)]
			if only != "" && p.Name != only {
				continue
			}
			b := bout{program: p, server: server, dir: filepath.Join(work, "down"), bucket: fmt.Sprintf("run-%d-%s", run, p.Name)}
			if err := b.fight(ctx, small, large, r); err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
		}
	}
	r.print(os.Stdout)
	return nil
}
