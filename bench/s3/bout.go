package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"bootrc/s3/s3test"

	"github.com/minio/minio-go/v7"
)

// A bout is all tasks done once by one program.
type bout struct {
	program program
	server  *s3test.Server
	bucket  string
	dir     string // what is fetched
}

// The tasks, in their order.
const (
	smallUp   = "5,000 files of 4 KiB up"
	unchanged = "again, nothing changed"
	smallDown = "5,000 files down"
	largeUp   = "1 GiB up"
	largeDown = "1 GiB down"
)

var tasks = []string{smallUp, unchanged, smallDown, largeUp, largeDown}

// fight does all tasks, and leaves nothing behind.
func (b *bout) fight(ctx context.Context, small, large string, r *results) error {
	smallBucket, largeBucket := b.bucket+"-small", b.bucket+"-large"
	for _, bucket := range []string{smallBucket, largeBucket} {
		if err := b.server.MakeBucket(ctx, bucket); err != nil {
			return err
		}
		defer b.removeBucket(ctx, bucket)
	}
	steps := []struct{ task, source, destination string }{
		{smallUp, small, b.program.Bucket(smallBucket)},
		{unchanged, small, b.program.Bucket(smallBucket)},
		{smallDown, b.program.Bucket(smallBucket), b.dir},
		{largeUp, large, b.program.Bucket(largeBucket)},
		{largeDown, b.program.Bucket(largeBucket), b.dir},
	}
	for _, s := range steps {
		if err := b.do(ctx, s.task, s.source, s.destination, r); err != nil {
			return fmt.Errorf("%s: %w", s.task, err)
		}
	}
	return nil
}

// do measures one task. What the one before has written goes to the disk first.
func (b *bout) do(ctx context.Context, task, source, destination string, r *results) error {
	if destination == b.dir {
		if err := os.MkdirAll(b.dir, 0o755); err != nil {
			return err
		}
		defer os.RemoveAll(b.dir)
	}
	syscall.Sync()
	cmd := exec.CommandContext(ctx, b.program.File, b.program.Args(source, destination)...)
	cmd.Env = b.program.Env
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	begin := time.Now()
	err := cmd.Run()
	took := time.Since(begin)
	if err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd, err, output.Bytes())
	}
	if destination == b.dir {
		if err := b.check(task); err != nil {
			return err
		}
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	r.add(task, b.program.Name, sample{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), used.Maxrss})
	return nil
}

// check fails if not everything has been fetched: a program that leaves something out
// is not fast.
func (b *bout) check(task string) error {
	wantFiles, wantBytes := smallCount, int64(smallCount*smallSize)
	if task == largeDown {
		wantFiles, wantBytes = 1, largeSize
	}
	files, size, err := total(b.dir)
	if err != nil {
		return err
	}
	if files != wantFiles || size != wantBytes {
		return fmt.Errorf("%d files with %d bytes arrived, want %d with %d", files, size, wantFiles, wantBytes)
	}
	return nil
}

// removeBucket removes the bucket with all that is in it.
func (b *bout) removeBucket(ctx context.Context, name string) {
	if client, err := b.server.Client(); err == nil {
		client.RemoveBucketWithOptions(ctx, name, minio.RemoveBucketOptions{ForceDelete: true})
	}
}
