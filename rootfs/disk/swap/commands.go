package swap

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

// Commands returns the shell's commands for swap, by the names that util-linux
// gave them.
func Commands() []command.Command {
	return []command.Command{
		{
			Name: "mkswap", Summary: "make a file or device a swap area", Operands: "FILE",
			Options: []command.Option{{Names: "-f, --force", Help: "do so whatever it holds"}},
			Run:     makeArea,
		},
		{
			Name: "swapon", Summary: "swap to a file or device; alone: list them", Operands: "[FILE]",
			Options: []command.Option{{Names: "-p, --priority", Value: "PRIORITY", Default: "-1", Check: checkPriority,
				Help: "prefer it to others with a smaller PRIORITY, up to 32767; below 0, the kernel chooses"}},
			Run: on,
		},
		{
			Name: "swapoff", Summary: "stop swapping to files or devices", Operands: "[FILE…]", Forms: []string{"-a", "FILE…"},
			Options: []command.Option{{Names: "-a, --all", Help: "stop swapping to all of them"}},
			Run:     off,
		},
		{
			Name: "fallocate", Summary: "make a file of that size that has its space on the disk", Operands: "FILE",
			Options: []command.Option{{Names: "-l, --length", Value: "SIZE", Check: checkSize, Required: true,
				Help: "make it SIZE bytes long"}},
			Run: allocate,
		},
		{
			Name: "mlock", Summary: "never swap out this program, nor these files of a file system in memory",
			Operands: "[FILE…]", Run: lock,
		},
		{
			Name: "zramctl", Summary: "make a device of compressed memory, and print its name",
			Options: []command.Option{
				{Names: "--find, -f", Required: true, Help: "take the first device that is free"},
				{Names: "--size, -s", Value: "SIZE|PERCENT%", Check: checkSize, Required: true,
					Help: "let it hold SIZE bytes, or so many percent of the memory"},
			},
			Run: zram,
		},
	}
}

func checkPriority(text string) error {
	if _, err := strconv.ParseInt(text, 10, 16); err != nil {
		return fmt.Errorf("expected a whole number up to 32767, got %q", text)
	}
	return nil
}

func checkSize(text string) error {
	_, err := ParseSize(text)
	return err
}

func makeArea(_ context.Context, call *command.Call) error {
	return Make(call.Path(call.Args[0]), call.Flag("force"))
}

func on(_ context.Context, call *command.Call) error {
	if len(call.Args) == 1 {
		priority, _ := strconv.Atoi(call.Text("priority"))
		return On(call.Path(call.Args[0]), priority)
	}
	text, err := os.ReadFile("/proc/swaps")
	call.Printf("%s", text)
	return err
}

func off(_ context.Context, call *command.Call) error {
	names, all := call.Args, call.Flag("all")
	if all == (len(names) > 0) {
		return command.Usagef("expected files or -a, not both")
	}
	if all {
		var err error
		if names, err = active(); err != nil {
			return err
		}
	}
	var failed []error
	for _, name := range names {
		failed = append(failed, Off(call.Path(name)))
	}
	return errors.Join(failed...)
}

// active is the swap areas in use; the kernel writes a space in a name as \040.
func active() ([]string, error) {
	text, err := os.ReadFile("/proc/swaps")
	if err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "/") {
			names = append(names, strings.ReplaceAll(strings.Fields(line)[0], `\040`, " "))
		}
	}
	return names, nil
}

func allocate(_ context.Context, call *command.Call) error {
	size, err := ParseSize(call.Text("length"))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(call.Path(call.Args[0]), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Fallocate(int(f.Fd()), 0, 0, size); err != nil {
		return fmt.Errorf("%s of %s: %w", call.Args[0], call.Text("length"), err)
	}
	return nil
}

func lock(_ context.Context, call *command.Call) error {
	var paths []string
	for _, name := range call.Args {
		paths = append(paths, call.Path(name))
	}
	return Lock(paths)
}

func zram(_ context.Context, call *command.Call) error {
	size, err := ParseSize(call.Text("size"))
	if err != nil {
		return err
	}
	path, err := NewZram(size)
	if err == nil {
		call.Printf("%s\n", path)
	}
	return err
}
