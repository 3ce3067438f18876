package supervisor

// #include "watchdog.h"
import "C"

import (
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// beat is how often the boot shows that it runs, and how often PID 1 looks.
const beat = time.Second

// stopLimit is how long PID 1 may take to stop the watchdog.
const stopLimit = 5 * beat

// alone tells that the boot has ended and a person has the emergency shell.
var alone atomic.Bool

// feedWatchdog is the part of PID 1 that feeds the watchdog of b2c.watchdog=, once Go
// runs. It returns if there is no watchdog.
func feedWatchdog() {
	for C.bootrc_watched != 0 {
		without := C.int(0)
		if alone.Load() {
			without = 1
		}
		C.watchdog_feed(without)
		time.Sleep(beat)
	}
}

// Beat shows PID 1 that the boot runs, for as long as it does: a process that is
// stopped, or gets no processor, shows nothing, and the watchdog resets the machine.
// It returns where there is no watchdog.
func Beat() {
	for C.bootrc_watched != 0 {
		C.watchdog_beat()
		time.Sleep(beat)
	}
}

// StopWatchdog has PID 1 stop the watchdog, so that it does not reset a machine that is
// meant to be off. Without a watchdog, nothing happens.
func StopWatchdog() error {
	if !IsBoot() || C.bootrc_watched == 0 {
		return nil
	}
	C.watchdog_ask_to_stop()
	for end := time.Now().Add(stopLimit); time.Now().Before(end); time.Sleep(beat / 20) {
		switch C.watchdog_stopped() {
		case 1:
			return nil
		case -1:
			return errors.New("the watchdog's driver does not let it be stopped: the machine may be reset after it has gone off")
		}
	}
	return errors.New("the watchdog was not stopped within 5 s: the machine may be reset after it has gone off")
}

// LeastWatchdog is the least number of seconds that the watchdog waits; fewer are
// taken for as many.
const LeastWatchdog = int(C.WATCHDOG_LEAST_SECONDS)

// WatchdogSeconds reads a value of b2c.watchdog=, SECONDS|firmware[,keep]; it is 0 for
// firmware.
func WatchdogSeconds(value string) (int, error) {
	limit, after, more := strings.Cut(value, ",")
	if more && after != "keep" {
		return 0, errors.New("behind the comma only keep is expected")
	}
	if limit == "firmware" {
		return 0, nil
	}
	seconds, err := strconv.Atoi(limit)
	if err != nil || seconds <= 0 {
		return 0, errors.New("expected a number of seconds, or firmware")
	}
	return seconds, nil
}
