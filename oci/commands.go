package oci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"bootrc/oci/store"
	"bootrc/sh/command"
	"bootrc/sh/meter"

	"github.com/spf13/pflag"
)

// Commands returns the shell's commands for images. They ask open for the store
// when they run, not before: which folder it is in is known only then.
func Commands(open func() (*store.Store, error)) []command.Command {
	return []command.Command{
		{
			Name:    "pull",
			Args:    "[--tls-verify=false] [--creds USER:PASSWORD] [--authfile FILE] [--arch ARCH] [--variant VARIANT] [-q] IMAGE…",
			Summary: "get images into the store, and print their digests",
			Run: func(ctx context.Context, call *command.Call) error {
				return runPull(ctx, call, open)
			},
		},
		{
			Name:    "images",
			Args:    "[-q]",
			Summary: "list the images in the store, with their size as it was pulled",
			Run: func(_ context.Context, call *command.Call) error {
				return runImages(call, open)
			},
		},
		{
			Name:    "rmi",
			Args:    "IMAGE…",
			Summary: "remove images, by name or ID, from the store",
			Run: func(ctx context.Context, call *command.Call) error {
				return runRemove(ctx, call, open)
			},
		},
	}
}

// parseFlags reads the call's flags; what remains are its arguments.
func parseFlags(flags *pflag.FlagSet, call *command.Call) ([]string, error) {
	flags.SetOutput(io.Discard)
	if err := flags.Parse(call.Args); err != nil {
		return nil, &command.UsageError{Err: err}
	}
	return flags.Args(), nil
}

func runPull(ctx context.Context, call *command.Call, open func() (*store.Store, error)) error {
	flags := pflag.NewFlagSet(call.Name, pflag.ContinueOnError)
	var o Options
	flags.BoolVar(&o.TLSVerify, "tls-verify", true, "")
	flags.StringVar(&o.Architecture, "arch", "", "")
	flags.StringVar(&o.Variant, "variant", "", "")
	flags.StringVar(&o.AuthFile, "authfile", call.Getenv("REGISTRY_AUTH_FILE"), "")
	credentials := flags.String("creds", "", "")
	quiet := flags.BoolP("quiet", "q", false, "")
	names, err := parseFlags(flags, call)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return command.Usagef("no image is named")
	}
	if *credentials != "" {
		if o.Credentials, err = ParseCredentials(*credentials); err != nil {
			return &command.UsageError{Err: err}
		}
	}
	if o.AuthFile != "" {
		o.AuthFile = call.Path(o.AuthFile)
	}
	s, err := open()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := pullOne(ctx, call, s, name, o, *quiet); err != nil {
			return err
		}
	}
	return nil
}

func pullOne(ctx context.Context, call *command.Call, s *store.Store, name string, o Options, quiet bool) error {
	ref, err := Parse(name)
	if err != nil {
		return &command.UsageError{Err: err}
	}
	o.Warn = func(message string) { fmt.Fprintf(call.Stderr, "%s: %s\n", call.Name, message) }
	var m *pullMeter
	if !quiet {
		m = newMeter(call.Stderr)
		o.Progress = m.set
	}
	image, err := Pull(ctx, s, ref.In(call.Dir), o)
	if m != nil {
		m.stop(err == nil)
	}
	if err != nil {
		return withoutName(err, call.Name)
	}
	call.Printf("%s\n", image.Digest)
	return nil
}

// withoutName keeps "pull: pull IMAGE: …" from being said.
func withoutName(err error, name string) error {
	if text, ok := strings.CutPrefix(err.Error(), name+" "); ok {
		return errors.New(text)
	}
	return err
}

func runImages(call *command.Call, open func() (*store.Store, error)) error {
	flags := pflag.NewFlagSet(call.Name, pflag.ContinueOnError)
	quiet := flags.BoolP("quiet", "q", false, "")
	args, err := parseFlags(flags, call)
	if err != nil {
		return err
	}
	if len(args) > 0 {
		return command.Usagef("unexpected argument %q", args[0])
	}
	s, err := open()
	if err != nil {
		return err
	}
	images, err := s.Images()
	if err != nil {
		return err
	}
	if *quiet {
		for _, image := range images {
			call.Printf("%s\n", image.ID.Hex)
		}
		return nil
	}
	return printImages(call.Stdout, images)
}

func printImages(w io.Writer, images []*store.Image) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tID\tPLATFORM\tSIZE")
	for _, image := range images {
		names := image.Names
		if len(names) == 0 {
			names = []string{"<none>"}
		}
		for _, name := range names {
			fmt.Fprintf(table, "%s\t%.12s\t%s/%s\t%s\n", name, image.ID.Hex,
				image.Config.OS, image.Config.Architecture, meter.Size(image.Size))
		}
	}
	return table.Flush()
}

func runRemove(ctx context.Context, call *command.Call, open func() (*store.Store, error)) error {
	flags := pflag.NewFlagSet(call.Name, pflag.ContinueOnError)
	names, err := parseFlags(flags, call)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return command.Usagef("no image is named")
	}
	s, err := open()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := removeOne(ctx, call, s, name); err != nil {
			return err
		}
	}
	return nil
}

func removeOne(ctx context.Context, call *command.Call, s *store.Store, name string) error {
	ref, err := Parse(name)
	if err != nil {
		return &command.UsageError{Err: err}
	}
	ref = ref.In(call.Dir)
	image, err := Local(s, ref)
	if err != nil {
		return err
	}
	name = ref.String()
	if ref.digits != "" && !slices.Contains(image.Names, name) {
		name = ref.digits
	}
	return s.Remove(ctx, name)
}
