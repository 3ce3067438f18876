package swap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bootrc/kit/command"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// Commands returns the shell's commands for swap, by the names that util-linux
// gave them.
func Commands() []command.Command {
	return []command.Command{
		{Name: "mkswap", Args: "[-f] FILE", Summary: "make a file or device a swap area; -f: whatever it holds", Run: makeArea},
		{Name: "swapon", Args: "[-p PRIORITY] [FILE]", Summary: "swap to a file or device; alone: list them", Run: on},
		{Name: "swapoff", Args: "-a | FILE…", Summary: "swap to files or devices, or to all, no more", Run: off},
		{Name: "fallocate", Args: "-l SIZE FILE", Summary: "make a file of that size that has its space on the disk", Run: allocate},
		{Name: "zramctl", Args: "--find --size SIZE|PERCENT%", Summary: "make a device of compressed memory, and print its name", Run: zram},
	}
}

// parse reads a call's flags and returns its arguments, of which there must be
// from least to most.
func parse(call *command.Call, flags *pflag.FlagSet, least, most int) ([]string, error) {
	flags.SetOutput(io.Discard)
	if err := flags.Parse(call.Args); err != nil {
		return nil, &command.UsageError{Err: err}
	}
	if flags.NArg() < least || flags.NArg() > most {
		return nil, command.Usagef("%d arguments are too few or too many", flags.NArg())
	}
	return flags.Args(), nil
}

func newFlags(call *command.Call) *pflag.FlagSet {
	return pflag.NewFlagSet(call.Name, pflag.ContinueOnError)
}

func makeArea(_ context.Context, call *command.Call) error {
	flags := newFlags(call)
	force := flags.BoolP("force", "f", false, "")
	args, err := parse(call, flags, 1, 1)
	if err != nil {
		return err
	}
	return Make(call.Path(args[0]), *force)
}

func on(_ context.Context, call *command.Call) error {
	flags := newFlags(call)
	priority := flags.IntP("priority", "p", -1, "")
	args, err := parse(call, flags, 0, 1)
	if err != nil {
		return err
	}
	if len(args) == 1 {
		return On(call.Path(args[0]), *priority)
	}
	text, err := os.ReadFile("/proc/swaps")
	call.Printf("%s", text)
	return err
}

func off(_ context.Context, call *command.Call) error {
	flags := newFlags(call)
	all := flags.BoolP("all", "a", false, "")
	args, err := parse(call, flags, 0, 1<<10)
	if err != nil {
		return err
	}
	if *all == (len(args) > 0) {
		return command.Usagef("name a file, or give -a alone")
	}
	if *all {
		if args, err = active(); err != nil {
			return err
		}
	}
	var failed []error
	for _, name := range args {
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
	flags := newFlags(call)
	length := flags.StringP("length", "l", "", "")
	args, err := parse(call, flags, 1, 1)
	if err != nil {
		return err
	}
	size, err := ParseSize(*length)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(call.Path(args[0]), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Fallocate(int(f.Fd()), 0, 0, size); err != nil {
		return fmt.Errorf("%s of %s: %w", args[0], *length, err)
	}
	return nil
}

func zram(_ context.Context, call *command.Call) error {
	flags := newFlags(call)
	find := flags.BoolP("find", "f", false, "")
	length := flags.StringP("size", "s", "", "")
	if _, err := parse(call, flags, 0, 0); err != nil {
		return err
	}
	if !*find || *length == "" {
		return command.Usagef("--find and --size are needed")
	}
	size, err := ParseSize(*length)
	if err != nil {
		return err
	}
	path, err := NewZram(size)
	if err == nil {
		call.Printf("%s\n", path)
	}
	return err
}
