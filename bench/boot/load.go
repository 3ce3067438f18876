package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A moment is what has been used of this machine's processors so far.
type moment struct {
	at             time.Time
	all, qemu, own time.Duration // by everybody, by the virtual machine, by this process
}

// A load is what was used of this machine's processors for some time.
type load struct {
	Time   time.Duration // how long that was
	CPU    time.Duration // used by the virtual machine
	Others float64       // the share of all processors' time used neither by it nor by this process
}

// now reads the counters; qemu is the virtual machine's process, or 0 for none. A counter
// that cannot be read is 0.
func now(qemu int) moment {
	m := moment{at: time.Now(), all: allBusy(), qemu: processBusy(qemu)}
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) == nil {
		m.own = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return m
}

// since is the load between two moments.
func (m moment) since(before moment) load {
	l := load{Time: m.at.Sub(before.at), CPU: m.qemu - before.qemu}
	others := (m.all - before.all) - l.CPU - (m.own - before.own)
	if capacity := l.Time * time.Duration(runtime.NumCPU()); capacity > 0 {
		// the counters' coarse ticks can make it negative
		l.Others = max(0, others.Seconds()/capacity.Seconds())
	}
	return l
}

// awaitQuiet waits until others leave the processors alone for a second, at most a minute.
func awaitQuiet(ctx context.Context) {
	for range 60 {
		before := now(0)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
		if now(0).since(before).Others <= quiet {
			return
		}
	}
}

// tick is the unit of proc(5)'s counters.
const tick = 10 * time.Millisecond

// allBusy is all processors' time that was not idle, by /proc/stat (proc_stat(5)); time
// stolen by the host of this machine counts.
func allBusy() time.Duration {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(stat), "\n")
	fields := strings.Fields(first)
	if len(fields) < 9 {
		return 0
	}
	const user, idle, iowait, steal = 1, 4, 5, 8
	var busy int64
	for i := user; i <= steal; i++ {
		if i != idle && i != iowait {
			busy += ticks(fields[i])
		}
	}
	return time.Duration(busy) * tick
}

// processBusy is what all threads of a process used, in user and in system mode
// (proc_pid_stat(5)).
func processBusy(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// the second field, the program's name in brackets, may hold anything
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const utime, stime = 14 - 3, 15 - 3
	if len(fields) <= stime {
		return 0
	}
	return time.Duration(ticks(fields[utime])+ticks(fields[stime])) * tick
}

func ticks(field string) int64 {
	n, _ := strconv.ParseInt(field, 10, 64)
	return n
}
