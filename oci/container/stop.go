package container

import (
	"time"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

// stopTimeout is how long a container may take to end after it was told to.
const stopTimeout = 10 * time.Second

// statusTimedOut is podman's exit status of a container that --timeout ended.
const statusTimedOut = 255

var ending = slice{
	options: []command.Option{
		{Names: "--stop-signal", Value: "SIGNAL", Help: "ask it to end with SIGNAL",
			Check: CheckSignal},
		{Names: "--stop-timeout", Value: "SECONDS", Kind: command.Seconds, Default: "10", Help: "kill it so long after it was asked to end"},
		{Names: "--timeout", Value: "SECONDS", Kind: command.Seconds, Help: "kill it after so long, with status 255"},
	},
	read: func(call *command.Call, v *Invocation) error {
		o := &v.Options
		if call.Has("stop-signal") {
			o.StopSignal, _ = ParseSignal(call.Text("stop-signal"))
		}
		if call.Has("stop-timeout") {
			d := call.Seconds("stop-timeout")
			o.StopTimeout = &d
		}
		o.Timeout = call.Seconds("timeout")
		return nil
	},
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
		// a stop signal that does not exist counts as not given
		s.signal, _ = ParseSignal(image.Config.StopSignal)
	}
	if s.signal == 0 && o.Systemd.runs(args) {
		s.signal = systemdStopSignal
	}
	if s.signal == 0 {
		s.signal = usual
	}
	return s
}
