package oci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"bootrc/kit/command"
	"bootrc/oci/reference"
	"bootrc/oci/registry"
	"bootrc/oci/store"

	"github.com/spf13/pflag"
)

// Commands returns the shell's commands for images. They ask open for the store
// when they run, not before: which folder it is in is known only then.
func Commands(open func() (*store.Store, error)) []command.Command {
	return []command.Command{
		{
			Name:    "pull",
			Args:    "[--tls-verify=false] [--creds USER:PASSWORD] [--authfile FILE] [--arch ARCH] [--variant VARIANT] [--policy POLICY] [--offline=allow] [-q] IMAGE…",
			Summary: "get images into the store, always or as POLICY says (newer, missing, never), and print their digests",
			Run: func(ctx context.Context, call *command.Call) error {
				return runPull(ctx, call, open)
			},
		},
		{
			Name:    "images",
			Args:    "[-q | --check]",
			Summary: "list the images in the store, with their size as it was pulled; or read all of it, and say what is not whole",
			Run: func(ctx context.Context, call *command.Call) error {
				return runImages(ctx, call, open)
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
		{
			Name:    "prune",
			Args:    "--keep=SIZE|PERCENT%",
			Summary: "remove images, those used longest ago first and none in use, until so much of the store's disk is free",
			Run: func(ctx context.Context, call *command.Call) error {
				return runPrune(ctx, call, open)
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
	flags.BoolVar(&o.Registry.TLSVerify, "tls-verify", true, "")
	flags.StringVar(&o.Architecture, "arch", "", "")
	flags.StringVar(&o.Variant, "variant", "", "")
	flags.StringVar(&o.Registry.AuthFile, "authfile", call.Getenv("REGISTRY_AUTH_FILE"), "")
	credentials := flags.String("creds", "", "")
	policyName := flags.String("policy", string(Always), "")
	offline := flags.String("offline", "", "")
	quiet := flags.BoolP("quiet", "q", false, "")
	names, err := parseFlags(flags, call)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return command.Usagef("no image is named")
	}
	policy, err := ParsePolicy(*policyName)
	if err != nil {
		return &command.UsageError{Err: err}
	}
	if o.Offline, err = ParseOffline(*offline); err != nil {
		return &command.UsageError{Err: err}
	}
	if *credentials != "" {
		if o.Registry.Credentials, err = registry.ParseCredentials(*credentials); err != nil {
			return &command.UsageError{Err: err}
		}
	}
	if o.Registry.AuthFile != "" {
		o.Registry.AuthFile = call.Path(o.Registry.AuthFile)
	}
	s, err := open()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := pullOne(ctx, call, s, name, policy, o, *quiet); err != nil {
			return err
		}
	}
	return nil
}

func pullOne(ctx context.Context, call *command.Call, s *store.Store, name string, policy Policy, o Options, quiet bool) error {
	ref, err := reference.Parse(name)
	if err != nil {
		return &command.UsageError{Err: err}
	}
	o.Warn = func(message string) { fmt.Fprintf(call.Stderr, "%s: %s\n", call.Name, message) }
	var m *pullMeter
	if !quiet {
		m = newMeter(call.Stderr)
		o.Progress = m.set
	}
	image, err := Get(ctx, s, ref.In(call.Dir), policy, o)
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
	ref, err := reference.Parse(name)
	if err != nil {
		return &command.UsageError{Err: err}
	}
	ref = ref.In(call.Dir)
	image, named, err := lookUp(s, ref)
	if err != nil {
		return err
	}
	name = ref.String()
	if !named {
		name = image.Digest.String()
	}
	return s.Remove(ctx, name)
}
