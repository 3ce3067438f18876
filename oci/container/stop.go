package container

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// stopTimeout is how long a container may take to end after it was told to.
const stopTimeout = 10 * time.Second

// statusTimedOut is podman's exit status of a container that --timeout ended.
const statusTimedOut = 255

func addStopFlags(f *pflag.FlagSet, o *Options) {
	f.Func("stop-signal", "SIGNAL that asks it to end", func(text string) (err error) {
		o.StopSignal, err = parseSignal(text)
		return err
	})
	f.Func("stop-timeout", "SECONDS from that to SIGKILL", func(text string) error {
		d, err := parseSeconds(text)
		o.StopTimeout = &d
		return err
	})
	f.Func("timeout", "SECONDS that it may run", func(text string) (err error) {
		o.Timeout, err = parseSeconds(text)
		return err
	})
}

// stop says how a container is brought to its end.
type stop struct {
	signal  unix.Signal
	grace   time.Duration // until SIGKILL
	timeout time.Duration // after which it may not run any longer, 0 for ever
}

func newStop(args []string, image Image, o Options, usual unix.Signal) stop {
	s := stop{signal: o.StopSignal, grace: stopTimeout, timeout: o.Timeout}
	if o.StopTimeout != nil {
		s.grace = *o.StopTimeout
	}
	if s.signal == 0 && image.Config.StopSignal != "" {
		// one that means nothing is as good as none
		s.signal, _ = parseSignal(image.Config.StopSignal)
	}
	if s.signal == 0 && o.Systemd.runs(args) {
		s.signal = systemdStopSignal
	}
	if s.signal == 0 {
		s.signal = usual
	}
	return s
}

func parseSeconds(text string) (time.Duration, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of seconds", text)
	}
	return time.Duration(n) * time.Second, nil
}
