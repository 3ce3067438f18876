package boot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"bootrc/init/cmdline"
	"bootrc/init/extraargs"
	"bootrc/kit/command"
	"bootrc/network"
)

// stackedArguments is where an initramfs behind the first can bring arguments.
const stackedArguments = "/etc/bootrc/cmdline"

// firstArguments are those known when the boot starts. Where a single value is
// given in several places, the last of these counts: the stacked file, the kernel's
// command line, b2c.extra_args. What can be read of broken ones is returned with
// an error.
func firstArguments(kernel string) (*cmdline.Line, error) {
	stacked, err := parseStacked(stackedArguments)
	given, broken := cmdline.ParseKernel(kernel)
	line := stacked.With(given)
	packed, unreadable := unpack(line)
	return line.With(packed), errors.Join(err, broken, unreadable)
}

// parseStacked reads the arguments that an initramfs brought, if one did.
func parseStacked(name string) (*cmdline.Line, error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	text := ""
	if err == nil {
		text, err = extraargs.Text(content)
	}
	line, broken := cmdline.Parse(text)
	if err = errors.Join(err, broken); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	line.Ignore(supervisorsOwn, supervisors...)
	return line, err
}

// unpack returns the arguments that a line's b2c.extra_args holds.
func unpack(line *cmdline.Line) (*cmdline.Line, error) {
	text := ""
	var err error
	if line.Has("b2c.extra_args") {
		text, err = extraargs.Decode(line.Value("b2c.extra_args"))
	}
	packed, broken := cmdline.Parse(text)
	if err = errors.Join(err, broken); err != nil {
		err = fmt.Errorf("argument b2c.extra_args: %w", err)
	}
	packed.Ignore("it stands in b2c.extra_args itself", "b2c.extra_args")
	packed.Ignore(supervisorsOwn, supervisors...)
	return packed, err
}

// ArgumentCommands are those that change the arguments of the boot, whose work extend
// does. It may be nil where only the commands' help is wanted.
func ArgumentCommands(extend func(context.Context, *command.Call) error) []command.Command {
	return []command.Command{{
		Name: "extra-args", Operands: "URL",
		Summary: "add the arguments at URL to the boot's, and print the variables that they change, for eval",
		Text:    "URL begins with https://, http:// or s3://, and may hold ${mac} and other facts of\nthe machine: docs/configuration.md lists them.",
		Options: []command.Option{{Names: "-t", Value: "SECONDS", Kind: command.Seconds, Default: "60", Help: "give up after that time"}},
		Run:     extend,
	}}
}

func (b *boot) extraArgs(ctx context.Context, call *command.Call) error {
	more, err := b.fetchArguments(ctx, call, call.Args[0], call.Seconds("t"))
	if err != nil {
		return err
	}
	if err := b.extend(more); err != nil {
		return err
	}
	call.Printf("%s", b.line.Assignments(more))
	return nil
}

func (b *boot) fetchArguments(ctx context.Context, call *command.Call, url string, limit time.Duration) (*cmdline.Line, error) {
	url, err := extraargs.Fill(url, b.facts())
	if err != nil {
		return nil, err
	}
	text, err := extraargs.Get(ctx, call, url, limit)
	if err != nil {
		return nil, err
	}
	return cmdline.Parse(text)
}

func (b *boot) facts() extraargs.Facts {
	return extraargs.Facts{
		DMI:        "/sys/class/dmi/id",
		DeviceTree: "/proc/device-tree",
		Hardware:   network.DefaultHardware,
		Hostname: func() (string, error) {
			if name := b.line.Value("b2c.hostname"); name != "" && b.line.Has("b2c.hostname") {
				return name, nil
			}
			if name, err := os.Hostname(); err == nil && network.Named(name) {
				return name, nil
			}
			return "", errors.New("this machine has no name yet: b2c.hostname= gives one")
		},
	}
}

// extend adds arguments to the boot's: from here on they count.
func (b *boot) extend(more *cmdline.Line) error {
	more.Ignore("extra arguments name no further ones", "b2c.extra_args_url", "b2c.extra_args")
	more.Ignore(supervisorsOwn, supervisors...)
	line := b.line.With(more)
	if err := checkPhases(line); err != nil {
		return err
	}
	late, err := tooLate(hooksFolder, b.now.file, more)
	if err != nil {
		return err
	}
	more.Warnings = append(more.Warnings, late...)
	b.heed(line, more)
	return nil
}

// heed makes a line the boot's; the arguments in added are new in it: what is not shown,
// which phases are special, how the console looks.
func (b *boot) heed(line, added *cmdline.Line) {
	b.line, b.chosen = line, newSelection(line)
	b.out.Hide(line.Secrets(b.secrets)...)
	if added.Has("b2c.log") {
		if err := b.out.SetForm(line.Value("b2c.log")); err != nil {
			b.out.Warn(err.Error())
		}
	}
	if added.Has("b2c.status_nonce") {
		if err := b.out.SetNonce(line.Value("b2c.status_nonce")); err != nil {
			b.out.Warn(err.Error())
		}
	}
	if added.Has("b2c.watchdog") {
		if err := checkWatchdog(line.Value("b2c.watchdog")); err != nil {
			b.out.Warn(err.Error())
		}
	}
	if added.Has("b2c.deadline") {
		limits, err := parseDeadlines(line.Value("b2c.deadline"))
		if err != nil {
			b.out.Warn(err.Error())
		}
		b.limits = limits
	}
	for _, text := range added.Warnings {
		b.out.Warn(text)
	}
}
