package volume

import (
	"context"
	"errors"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/size"
)

// Commands returns the shell's command for volumes, with the verbs and options of
// podman-volume(1) where it has them. It asks open for the store when it runs.
func Commands(open func() (*Store, error)) []command.Command {
	verb := func(c command.Command, run func(*invocation) error) command.Command {
		c.Run = func(_ context.Context, call *command.Call) error { return run(&invocation{call, open}) }
		return c
	}
	all := func(does string) []command.Option {
		return []command.Option{{Names: "-a, --all", Help: does + " all volumes"}}
	}
	return []command.Command{{
		Name: "volume", Summary: "make, list, mount and remove volumes",
		Verbs: []command.Command{
			verb(createCommand(), (*invocation).create),
			verb(listCommand(), (*invocation).list),
			verb(command.Command{Name: "inspect", Summary: "print what is known of volumes, as JSON", Operands: "VOLUME…"}, (*invocation).inspect),
			verb(command.Command{Name: "mount", Summary: "print the folders where the volumes' files are", Operands: "VOLUME…"}, (*invocation).mount),
			verb(command.Command{Name: "unmount", Summary: "take encryption keys from the kernel, and unmount filesystems of volumes",
				Operands: "[VOLUME…]", Forms: []string{"-a", "VOLUME…"}, Options: all("unmount")}, (*invocation).unmount),
			verb(command.Command{Name: "rm", Summary: "remove volumes with all that is in them",
				Operands: "[VOLUME…]", Forms: []string{"-a", "VOLUME…"}, Options: all("remove")}, (*invocation).remove),
			verb(command.Command{Name: "expire", Summary: "remove the volumes whose time has come",
				Options: []command.Option{{Names: "--trust-clock", Help: "even if the clock has leapt by more than a year since they were used last"}},
			}, (*invocation).expire),
			verb(parseCommand(), (*invocation).parse),
		},
		Examples: []string{"volume create --ignore --expiration 7d cache", "volume ls --filter label=job=1234"},
	}}
}

// invocation is one call of a verb.
type invocation struct {
	*command.Call
	open func() (*Store, error)
}

func (c *invocation) mount() error {
	return c.each(c.Args, func(s *Store, name string) error {
		folder, err := s.Folder(name)
		return c.named(folder, err)
	})
}

func (c *invocation) unmount() error { return c.eachOrAll((*Store).Unmount) }

func (c *invocation) remove() error { return c.eachOrAll((*Store).Remove) }

// named prints a name on success, as podman does.
func (c *invocation) named(name string, err error) error {
	if err == nil {
		c.Printf("%s\n", name)
	}
	return err
}

// eachOrAll does something with the volumes that the operands name or, for -a, with all.
func (c *invocation) eachOrAll(do func(*Store, string) error) error {
	names, all := c.Args, c.Flag("all")
	if all == (len(names) > 0) {
		return command.Usagef("expected names, or -a alone")
	}
	if all {
		s, err := c.open()
		if err != nil {
			return err
		}
		if names, err = s.names(); err != nil {
			return err
		}
	}
	return c.each(names, do)
}

// each does something with each volume, and goes on after a failure.
func (c *invocation) each(names []string, do func(*Store, string) error) error {
	s, err := c.open()
	if err != nil {
		return err
	}
	var failed []error
	for _, name := range names {
		failed = append(failed, do(s, name))
	}
	return errors.Join(failed...)
}

func (c *invocation) expire() error {
	s, err := c.open()
	if err != nil {
		return err
	}
	expired, err := s.Expire(time.Now(), c.Flag("trust-clock"))
	for _, v := range expired {
		c.Printf("volume %s has expired (%v) and is removed: %s freed\n", v.Name, v.Expiration, size.Text(v.Size))
	}
	return err
}
