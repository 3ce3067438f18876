package container

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// firstRealTimeSignal is what C libraries call SIGRTMIN: they keep the kernel's
// first two for themselves (signal(7)).
const (
	firstRealTimeSignal = 34
	lastRealTimeSignal  = 64
)

// ParseSignal takes a signal's number or its name, with or without SIG, and
// RTMIN+N and RTMAX-N.
func ParseSignal(text string) (unix.Signal, error) {
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	number, err := strconv.Atoi(name)
	if err != nil {
		number = int(unix.SignalNum("SIG" + name))
		base, sign := firstRealTimeSignal, "+"
		offset, realTime := strings.CutPrefix(name, "RTMIN")
		if !realTime {
			base, sign = lastRealTimeSignal, "-"
			offset, realTime = strings.CutPrefix(name, "RTMAX")
		}
		if realTime && (offset == "" || strings.HasPrefix(offset, sign)) {
			n, _ := strconv.Atoi(offset)
			number = base + n
		}
	}
	if number < 1 || number > lastRealTimeSignal {
		return 0, fmt.Errorf("invalid signal: %s", text)
	}
	return unix.Signal(number), nil
}

// CheckSignal is the Check of an option that is a signal.
func CheckSignal(text string) error {
	_, err := ParseSignal(text)
	return err
}
