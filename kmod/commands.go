package kmod

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"bootrc/kit/command"
)

// Commands returns the shell's commands for kernel modules. They share one Tree
// of the running kernel's modules.
func Commands() []command.Command {
	shared := &running{find: Find}
	return []command.Command{
		{
			Name:    "modprobe",
			Args:    "[-arvqn] MODULE [NAME=VALUE…]",
			Summary: "load a module by name or alias, with what it needs; -r removes it",
			Run:     shared.modprobe,
		},
		{
			Name:    "insmod",
			Args:    "FILE [NAME=VALUE…]",
			Summary: "load the module in a file",
			Run:     insmod,
		},
		{
			Name:    "rmmod",
			Args:    "MODULE…",
			Summary: "remove modules",
			Run:     rmmod,
		},
		{
			Name:    "lsmod",
			Summary: "list the modules in the kernel",
			Run:     lsmod,
		},
		{
			Name:    "coldplug",
			Args:    "[-v]",
			Summary: "load the drivers of all devices",
			Run:     shared.coldplug,
		},
	}
}

// running holds the Tree of the running kernel, opened when first needed, and
// anew when its modules.dep has changed.
type running struct {
	find func() (dir string, err error)

	mu   sync.Mutex
	tree *Tree
	time time.Time // of modules.dep
}

func (r *running) open() (*Tree, error) {
	dir, err := r.find()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(filepath.Join(dir, "modules.dep"))
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tree == nil || r.tree.dir != dir || !r.time.Equal(info.ModTime()) {
		if r.tree, err = Open(dir); err != nil {
			return nil, err
		}
		r.time = info.ModTime()
	}
	return r.tree, nil
}

// modprobe is modprobe(8), whose exit status for every failure is 1.
func (r *running) modprobe(ctx context.Context, call *command.Call) error {
	flags, operands, err := parseFlags(call.Args, map[string]byte{
		"--all": 'a', "--remove": 'r', "--verbose": 'v', "--quiet": 'q', "--dry-run": 'n', "--show": 'n',
	})
	if err == nil && len(operands) == 0 {
		err = errors.New("no module given")
	}
	if err != nil {
		return fmt.Errorf("%w\nusage: modprobe [-arvqn] MODULE [NAME=VALUE…]", err)
	}
	tree, err := r.open()
	if err != nil && flags['q'] && errors.Is(err, fs.ErrNotExist) {
		return command.Status(1)
	} else if err != nil {
		return err
	}
	names, params := operands[:1], operands[1:]
	if flags['a'] || flags['r'] {
		names, params = operands, nil
	}
	var failed []error
	for _, name := range names {
		if flags['r'] {
			err = modprobeRemove(ctx, call, tree, name, flags)
		} else {
			err = modprobeLoad(ctx, call, tree, name, params, flags)
		}
		if flags['q'] && errors.Is(err, ErrNotFound) {
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

func modprobeLoad(ctx context.Context, call *command.Call, t *Tree, name string, params []string, flags map[byte]bool) error {
	load := t.load
	if flags['n'] {
		load = t.dryLoad
	}
	steps, err := load(ctx, name, params)
	if flags['v'] {
		for _, s := range steps {
			call.Printf("%s\n", s)
		}
	}
	return err
}

func modprobeRemove(ctx context.Context, call *command.Call, t *Tree, name string, flags map[byte]bool) error {
	removed, err := t.unload(ctx, name, flags['n'])
	if flags['v'] {
		for _, module := range removed {
			call.Printf("rmmod %s\n", module)
		}
	}
	return err
}

func insmod(_ context.Context, call *command.Call) error {
	if len(call.Args) == 0 {
		return command.Usagef("no file given")
	}
	return Insert(call.Path(call.Args[0]), call.Args[1:]...)
}

func rmmod(ctx context.Context, call *command.Call) error {
	if len(call.Args) == 0 {
		return command.Usagef("no module given")
	}
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
	if len(call.Args) > 0 {
		return command.Usagef("it takes no arguments")
	}
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
func (r *running) coldplug(ctx context.Context, call *command.Call) error {
	flags, operands, err := parseFlags(call.Args, map[string]byte{"--verbose": 'v'})
	if err != nil || len(operands) > 0 {
		return command.Usagef("it takes only -v")
	}
	tree, err := r.open()
	var wrong *WrongKernelError
	if errors.Is(err, fs.ErrNotExist) && !errors.As(err, &wrong) {
		return nil
	} else if err != nil {
		return err
	}
	loaded, err := tree.Coldplug(ctx)
	if flags['v'] {
		call.Printf("%s\n", strings.Join(loaded, " "))
	}
	return err
}

// parseFlags splits arguments into flags, by their letter, and operands. Letters
// may share a word; "--" ends the flags. The names are all that are known, with
// the letter of each.
func parseFlags(args []string, names map[string]byte) (flags map[byte]bool, operands []string, err error) {
	known := make(map[byte]bool)
	for _, letter := range names {
		known[letter] = true
	}
	flags = make(map[byte]bool)
	for i, arg := range args {
		if arg == "--" {
			return flags, append(operands, args[i+1:]...), nil
		}
		if letter, ok := names[arg]; ok {
			flags[letter] = true
			continue
		}
		if len(arg) < 2 || arg[0] != '-' {
			operands = append(operands, arg)
			continue
		}
		for _, letter := range []byte(arg[1:]) {
			if !known[letter] {
				return nil, nil, fmt.Errorf("unknown option %s", arg)
			}
			flags[letter] = true
		}
	}
	return flags, operands, nil
}
