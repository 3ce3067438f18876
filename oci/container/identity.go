package container

import (
	"fmt"
	"strings"

	"bootrc/kit/command"
)

var identity = slice{
	options: []command.Option{{Names: "--name", Value: "NAME", Help: "name the container NAME", Check: CheckName}},
	read: func(call *command.Call, v *Invocation) error {
		v.Options.Name = call.Text("name")
		return nil
	},
}

// CheckName takes what containers and volumes may be named in podman.
func CheckName(name string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	if strings.Trim(name, letters+"_.-") != "" || strings.IndexAny(name, letters) != 0 {
		return fmt.Errorf("%q: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*", name)
	}
	return nil
}

var annotations = slice{
	options: []command.Option{
		{Names: "--annotation", Value: "KEY=VALUE", Kind: command.List, Check: checkPair, Help: "add an annotation for OCI hooks"},
	},
	read: func(call *command.Call, v *Invocation) error {
		v.Options.Annotations = pairs(call.List("annotation"))
		return nil
	},
	write: func(d *draft) error {
		d.Annotations = d.options.Annotations
		return nil
	},
}
