package main

import (
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// What a goroutine does to its thread, such as joining a container's mount namespace, must not
// stay: the main thread, which never ends, runs none of them.
func TestMainThreadIsKept(t *testing.T) {
	const threads = 50
	var all, done sync.WaitGroup
	all.Add(threads)
	for range threads {
		done.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			all.Done()
			all.Wait() // each has a thread of its own now, and those that were idle come first
			if unix.Gettid() == unix.Getpid() {
				t.Error("a goroutine runs on the main thread")
			}
		})
	}
	done.Wait()
}
