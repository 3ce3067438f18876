// Package insidetest is the adversary of whoever works in a folder that another can change.
package insidetest

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Swap exchanges two names, as soon as both are there, again and again until the test ends
// or stop is called. swaps is how often it has.
func Swap(t testing.TB, one, other string) (stop func(), swaps func() int64) {
	var over atomic.Bool
	var count atomic.Int64
	var swapping sync.WaitGroup
	swapping.Go(func() {
		for !over.Load() {
			err := unix.Renameat2(unix.AT_FDCWD, one, unix.AT_FDCWD, other, unix.RENAME_EXCHANGE)
			if err == nil {
				count.Add(1)
			} else if !os.IsNotExist(err) {
				t.Error(err)
				return
			}
			time.Sleep(20 * time.Microsecond) // the machine is for others, too
		}
	})
	stop = func() { over.Store(true); swapping.Wait() }
	t.Cleanup(stop)
	return stop, count.Load
}
