package volume

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/meter"

	"github.com/spf13/pflag"
)

// Commands returns the shell's command for volumes, with the verbs and options of
// podman-volume(1) where it has them. It asks open for the store when it runs.
func Commands(open func() (*Store, error)) []command.Command {
	return []command.Command{{
		Name: "volume", Args: usage(), Summary: "make, list, mount and remove volumes",
		Run: func(_ context.Context, call *command.Call) error {
			if len(call.Args) > 0 {
				for _, v := range verbs {
					if v.name == call.Args[0] {
						return v.run(&invocation{Call: call, open: open, verb: v})
					}
				}
				return command.Usagef("unknown verb %q", call.Args[0])
			}
			return command.Usagef("a verb is missing")
		},
	}}
}

// verb is one of the command's verbs.
type verb struct {
	name, args string
	run        func(*invocation) error
}

var verbs = []verb{
	{"create", "[--ignore] [--expiration WHEN] [--label NAME=VALUE]… [--fscrypt-key FILE|- [--fscrypt-reset-key]] NAME", (*invocation).create},
	{"ls", "[-q] [--filter label=NAME[=VALUE]]…", (*invocation).list},
	{"inspect", "NAME…", (*invocation).inspect},
	{"mount", "NAME…", (*invocation).mount},
	{"unmount", "-a|NAME…", (*invocation).unmount},
	{"rm", "-a|NAME…", (*invocation).remove},
	{"expire", "", (*invocation).expire},
	{"parse", "[-q] ARGUMENT", (*invocation).parse},
}

func usage() string {
	lines := make([]string, len(verbs))
	for i, v := range verbs {
		lines[i] = strings.TrimSpace(v.name + " " + v.args)
	}
	return strings.Join(lines, "\n   or: volume ")
}

// invocation is one call of a verb.
type invocation struct {
	*command.Call
	verb
	open func() (*Store, error)
}

func (c *invocation) flags() *pflag.FlagSet {
	f := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// parseFlags returns the operands, of which there must be from least to most; most -1 is
// no limit.
func (c *invocation) parseFlags(f *pflag.FlagSet, least, most int) ([]string, error) {
	if err := f.Parse(c.Args[1:]); err != nil {
		return nil, &command.UsageError{Err: err}
	}
	if n := f.NArg(); n < least || most >= 0 && n > most {
		return nil, command.Usagef("%s: %d operands; expected %s", c.name, n, c.args)
	}
	return f.Args(), nil
}

func (c *invocation) mount() error {
	return c.each(false, func(s *Store, name string) error {
		folder, err := s.Folder(name)
		return c.named(folder, err)
	})
}

func (c *invocation) unmount() error { return c.each(true, (*Store).Unmount) }

func (c *invocation) remove() error { return c.each(true, (*Store).Remove) }

// named prints a name on success, as podman does.
func (c *invocation) named(name string, err error) error {
	if err == nil {
		c.Printf("%s\n", name)
	}
	return err
}

// each does something with the volumes that the operands name, or, where all can be asked
// for and -a does, with all. It goes on after a failure.
func (c *invocation) each(canAll bool, do func(*Store, string) error) error {
	f := c.flags()
	all := false
	if canAll {
		f.BoolVarP(&all, "all", "a", false, "")
	}
	names, err := c.parseFlags(f, 0, -1)
	if err != nil {
		return err
	}
	if all == (len(names) > 0) {
		return command.Usagef("%s: expected %s", c.name, c.args)
	}
	s, err := c.open()
	if err != nil {
		return err
	}
	if all {
		if names, err = s.names(); err != nil {
			return err
		}
	}
	var failed []error
	for _, name := range names {
		failed = append(failed, do(s, name))
	}
	return errors.Join(failed...)
}

func (c *invocation) expire() error {
	if _, err := c.parseFlags(c.flags(), 0, 0); err != nil {
		return err
	}
	s, err := c.open()
	if err != nil {
		return err
	}
	expired, err := s.Expire(time.Now())
	for _, v := range expired {
		c.Printf("volume %s has expired (%v) and is removed: %s freed\n", v.Name, v.Expiration, meter.Size(v.Size))
	}
	return err
}
