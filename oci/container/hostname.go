package container

import (
	"os"
)

// writeHostname gives a container its own name only where it has a namespace for it.
func writeHostname(d *draft) (err error) {
	if d.hostname, err = hostname(d.name, d.options); err == nil && d.options.UTS != nsHost {
		d.Hostname = d.hostname
	}
	return err
}

func hostname(name string, o Options) (string, error) {
	switch {
	case o.Hostname != "":
		return o.Hostname, nil
	case o.Network == nsNone && o.UTS != nsHost:
		return name, nil
	}
	return os.Hostname()
}
