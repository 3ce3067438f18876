package container

import (
	"os"

	"bootrc/kit/command"
)

var hostname = slice{
	options: []command.Option{{Names: "-h, --hostname", Value: "NAME", Help: "name the container's host NAME"}},
	read: func(call *command.Call, v *Invocation) error {
		v.Options.Hostname = call.Text("hostname")
		return nil
	},
	write: writeHostname,
}

// writeHostname gives a container its own name only where it has a namespace for it.
func writeHostname(d *draft) (err error) {
	if d.hostname, err = chooseHostname(d.name, d.options); err == nil && (d.options.UTS == "" || d.options.UTS == nsPrivate) {
		d.Hostname = d.hostname
	}
	return err
}

func chooseHostname(name string, o Options) (string, error) {
	switch {
	case o.Hostname != "":
		return o.Hostname, nil
	case o.Network == nsNone && o.UTS != nsHost:
		return name, nil
	}
	return os.Hostname()
}
