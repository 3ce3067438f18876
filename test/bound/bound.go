// Package bound has tests of parsers fail that take more than their input is worth: of
// the processor, or of memory. Whoever sends a parser its bytes would otherwise
// hold up a boot, or fill its memory, with a few of them.
package bound

import (
	"runtime/metrics"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// leastTime and byteTime are how much of the processor an input may take, and each
	// of its bytes. It is the process's own time: how busy the machine is does not matter.
	leastTime = time.Second
	byteTime  = 50 * time.Microsecond

	// leastMemory and byteMemory are how many bytes may be allocated for an input, whether or
	// not they are freed, and for each of its bytes.
	leastMemory = 16 << 20
	byteMemory  = 1 << 10
)

// Input begins the test of an input of so many bytes, whose measure is taken when the
// test ends.
func Input(t testing.TB, bytes int) {
	allocated, begun := allocations(), processor()
	t.Cleanup(func() {
		took, grown := processor()-begun, allocations()-allocated
		if most := leastTime + time.Duration(bytes)*byteTime; took > most {
			t.Errorf("%d bytes took %v of the processor, more than %v", bytes, took, most)
		}
		if most := uint64(leastMemory + bytes*byteMemory); grown > most {
			t.Errorf("%d bytes took %d bytes of memory, more than %d", bytes, grown, most)
		}
	})
}

// processor is the time that this process has had. Go runs fuzz targets, and their seeds, when all
// other tests have ended.
func processor() time.Duration {
	var now unix.Timespec
	unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &now)
	return time.Duration(now.Nano())
}

// allocations is how many bytes the process has allocated so far.
func allocations() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
