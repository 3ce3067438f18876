package cdi

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"bootrc/kit/command"
	"bootrc/kit/durable"
)

// Commands returns the shell's command for specifications of devices.
func Commands() []command.Command {
	return []command.Command{{
		Name: "cdi", Summary: "describe devices for containers, which have them by --device=vendor.com/class=name",
		Verbs: []command.Command{
			{Name: "ls", Summary: "list the devices that specifications in /etc/cdi and /run/cdi have", Run: list},
			{
				Name: "generate", Summary: "write a specification of what is in /dev/dri: cards by number, nodes by name, and all",
				Options: []command.Option{{Names: "-o, --output", Value: "FILE", Default: "/run/cdi/dri.json", Help: "write it to FILE; -: to standard output"}},
				Run:     generate,
			},
		},
		Examples: []string{"cdi generate; runc-run --device=kernel.org/dri=all IMAGE"},
	}}
}

func list(_ context.Context, call *command.Call) error {
	names, err := Names()
	for _, name := range names {
		call.Printf("%s\n", name)
	}
	return err
}

func generate(_ context.Context, call *command.Call) error {
	spec, err := DRI()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	file := call.Text("output")
	if file == "-" {
		_, err = call.Stdout.Write(text)
		return err
	}
	file = call.Path(file)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return durable.WriteFile(file, text, 0o644)
}
