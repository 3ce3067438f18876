package kmod

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/device"
)

// Commands returns the shell's commands for kernel modules. They share one Tree.
func (r *Running) Commands() []command.Command {
	return []command.Command{
		{
			Name: "modprobe", Summary: "load or remove a module by name or alias, with what it needs",
			Operands: "MODULE [NAME=VALUE…]", Forms: []string{"[-vqn] MODULE [NAME=VALUE…]", "-a [-vqn] MODULE…", "-r [-vqn] MODULE…"},
			Options: []command.Option{
				{Names: "-a, --all", Help: "load each MODULE named"},
				{Names: "-r, --remove", Help: "remove each MODULE named, and what nobody else needs then"},
				{Names: "-v, --verbose", Help: "print what is loaded or removed"},
				{Names: "-q, --quiet", Help: "do not complain about a module that does not exist"},
				{Names: "-n, --dry-run, --show", Help: "load and remove nothing"},
			},
			Examples: []string{"modprobe -v e1000 debug=16"},
			Misuse:   1,
			Run:      r.modprobe,
		},
		{Name: "insmod", Summary: "load the module in a file", Operands: "FILE [NAME=VALUE…]", Run: insmod},
		{Name: "rmmod", Summary: "remove modules", Operands: "MODULE…", Run: rmmod},
		{Name: "modinfo", Summary: "say where modules are, what they need, and how they are set where they are loaded", Operands: "MODULE…", Run: r.modinfo},
		{Name: "lsmod", Summary: "list the modules in the kernel", Run: lsmod},
		{
			Name: "coldplug", Summary: "load the drivers of all devices",
			Options: []command.Option{
				{Names: "-f, --follow", Help: "do not wait until they are loaded, and go on with each device that appears"},
				{Names: "-v, --verbose", Help: "list the drivers by what has become of them, and devices without one"},
			},
			Run: r.coldplug,
		},
	}
}

// modprobe is modprobe(8), whose exit status for every failure is 1.
func (r *Running) modprobe(ctx context.Context, call *command.Call) error {
	tree, err := r.open()
	if err != nil && call.Flag("quiet") && errors.Is(err, fs.ErrNotExist) {
		return command.Status(1)
	} else if err != nil {
		return err
	}
	names, params := call.Args[:1], call.Args[1:]
	if call.Flag("all") || call.Flag("remove") {
		names, params = call.Args, nil
	}
	var failed []error
	for _, name := range names {
		if call.Flag("remove") {
			err = modprobeRemove(ctx, call, tree, name)
		} else {
			err = modprobeLoad(ctx, call, tree, name, params)
		}
		if call.Flag("quiet") && (errors.Is(err, ErrNotFound) || noFile(err)) {
			err = command.Status(1)
		}
		failed = append(failed, err)
	}
	return joinStatus(failed)
}

// joinStatus joins errors: to a bare status only if none has anything to say.
func joinStatus(failed []error) error {
	var spoken []error
	var status error
	for _, err := range failed {
		if s, ok := errors.AsType[command.Status](err); ok {
			status = s
		} else if err != nil {
			spoken = append(spoken, err)
		}
	}
	if len(spoken) > 0 {
		return errors.Join(spoken...)
	}
	return status
}

func modprobeLoad(ctx context.Context, call *command.Call, t *Tree, name string, params []string) error {
	load := t.load
	if call.Flag("dry-run") {
		load = t.dryLoad
	}
	steps, err := load(ctx, name, params)
	if call.Flag("verbose") {
		for _, s := range steps {
			call.Printf("%s\n", s)
		}
	}
	return err
}

func modprobeRemove(ctx context.Context, call *command.Call, t *Tree, name string) error {
	removed, err := t.unload(ctx, name, call.Flag("dry-run"))
	if call.Flag("verbose") {
		for _, module := range removed {
			call.Printf("rmmod %s\n", module)
		}
	}
	return err
}

func insmod(_ context.Context, call *command.Call) error {
	return Insert(call.Path(call.Args[0]), call.Args[1:]...)
}

func rmmod(ctx context.Context, call *command.Call) error {
	var failed []error
	for _, arg := range call.Args {
		name := FileModule(arg)
		if name == "" {
			name = CanonicalName(arg)
		}
		failed = append(failed, removeModule(name))
	}
	return errors.Join(failed...)
}

func lsmod(_ context.Context, call *command.Call) error {
	modules, err := List()
	if err != nil {
		return err
	}
	call.Printf("%-24s%8s  %s\n", "Module", "Size", "Used by")
	for _, m := range modules {
		line := fmt.Sprintf("%-24s%8d  %d %s", m.Name, m.Bytes, m.Uses, strings.Join(m.By, ","))
		call.Printf("%s\n", strings.TrimRight(line, " "))
	}
	return nil
}

// coldplug succeeds without a word on a machine that has no modules at all: its
// kernel has the drivers built in. Modules of another kernel are an error.
func (r *Running) coldplug(ctx context.Context, call *command.Call) error {
	tree, err := r.open()
	var wrong *WrongKernelError
	if errors.Is(err, fs.ErrNotExist) && !errors.As(err, &wrong) {
		return nil
	} else if err != nil {
		return err
	}
	plugger, err := r.follow(tree)
	if err == nil && !call.Flag("follow") {
		err = plugger.Wait(ctx)
	}
	if call.Flag("verbose") {
		listDrivers(call, plugger)
	}
	return err
}

// listDrivers lists the drivers that were asked for, by what has become of them, and
// the devices for disks and networks that have none.
func listDrivers(call *command.Call, p *Plugger) {
	drivers := p.Drivers()
	for _, state := range []State{Live, Loading, Waiting, Absent, Cut, Failed} {
		var names []string
		for name, s := range drivers {
			if s == state {
				names = append(names, name)
			}
		}
		if slices.Sort(names); len(names) > 0 {
			call.Printf("%s: %s\n", state, strings.Join(names, " "))
		}
	}
	for _, d := range device.Hardware(p.tree.root+"/sys", device.Storage, device.Network, device.Bus) {
		if d.Driver == "" {
			call.Printf("%v\n", d)
		}
	}
}
