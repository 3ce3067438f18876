package container

import (
	"fmt"
	"strings"

	"bootrc/kit/command"
)

// ignored are options of podman-run(1) that ask for what is so anyway, or for what concerns
// podman's own records. A call that has one runs, and one line says why it changed nothing.
var ignored = []struct {
	names, value string
	reason       string
}{
	{"-p, --publish", "PORT", shared},
	{"-P, --publish-all", "", shared},
	{"--expose", "PORT", shared},
	{"-a, --attach", "STREAM", "a container's output always goes to its caller's"},
	{"--sig-proxy", "", "ctrl-c and the end of a boot always reach the container"},
	{"--detach-keys", "KEYS", "nothing detaches from a container"},
	{"--log-driver", "DRIVER", output},
	{"--log-opt", "NAME=VALUE", output},
	{"--cidfile", "FILE", removed},
	{"--pidfile", "FILE", removed},
	{"--conmon-pidfile", "FILE", removed},
	{"--replace", "", "a container is removed at its end, and its name is free again"},
	{"--rmi", "", "images stay for the next boot until there is no room"},
	{"--retry", "NUMBER", attempts},
	{"--retry-delay", "DURATION", attempts},
	{"-l, --label", "KEY[=VALUE]", "nothing selects containers by labels"},
	{"--label-file", "FILE", "nothing selects containers by labels"},
	{"--disable-content-trust", "", "as in podman"},
	{"--init-path", "FILE", "--init runs this program"},
	{"--sdnotify", "MODE", "no service manager waits for a container"},
	{"--cpu-rt-period", "MICROSECONDS", oneTree},
	{"--cpu-rt-runtime", "MICROSECONDS", oneTree},
	{"--memory-swappiness", "NUMBER", oneTree},
	{"--oom-kill-disable", "", oneTree},
	{"--health-startup-cmd", "COMMAND", startup},
	{"--health-startup-interval", "DURATION", startup},
	{"--health-startup-retries", "NUMBER", startup},
	{"--health-startup-success", "NUMBER", startup},
	{"--health-startup-timeout", "DURATION", startup},
	{"--health-log-destination", "FOLDER", checked},
	{"--health-max-log-count", "NUMBER", checked},
	{"--health-max-log-size", "BYTES", checked},
}

// Why, where several options have one reason.
const (
	shared   = "containers share the machine's network, with all of its ports"
	output   = "a container's output goes to its caller's"
	removed  = "nothing of a container is left after its end"
	attempts = "a pull tries again for as long as that can help"
	oneTree  = "control groups of version 2 do not have it"
	startup  = "a service is asked by --health-cmd each second until it is healthy"
	checked  = "what a failed check says goes to the console"
)

var withoutEffect = slice{options: ignoredOptions(), read: warnOfIgnored}

func ignoredOptions() []command.Option {
	var list []command.Option
	for _, o := range ignored {
		list = append(list, command.Option{Names: o.names, Value: o.value, Kind: command.List, Help: "without effect: " + o.reason})
	}
	return list
}

// longName is the name by which a call knows an option.
func longName(names string) string { return names[strings.LastIndex(names, "--")+len("--"):] }

func warnOfIgnored(call *command.Call, _ *Invocation) error {
	for _, o := range ignored {
		if name := longName(o.names); call.Has(name) {
			call.Warn(fmt.Sprintf("--%s has no effect: %s", name, o.reason))
		}
	}
	return nil
}
