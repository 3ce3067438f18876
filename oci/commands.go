package oci

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/command"
	"bootrc/oci/reference"
	"bootrc/oci/store"
)

// Commands returns the shell's commands for images. They ask open for the store
// when they run, not before: which folder it is in is known only then.
func Commands(open func() (*store.Store, error)) []command.Command {
	c := commands{open}
	return []command.Command{
		{
			Name: "pull", Summary: "get images into the store, and print their digests", Operands: "IMAGE…",
			Options: slices.Concat([]command.Option{
				{Names: "--policy", Value: "POLICY", Default: string(Always), Check: CheckPolicy,
					Help: "pull always, only what is missing, only what is newer, or never"},
				{Names: "-q, --quiet", Help: "do not show how far it is"},
			}, CallOptions),
			Run: c.pull,
		},
		{
			Name: "load", Summary: "get images from archives into the store, under the names that they have there", Operands: "IMAGE…",
			Text:     "IMAGE is docker-archive:, oci-archive: or oci: with a path or a URL, and :NAME where there are\nseveral. A container finds the image by its name with --pull=missing.",
			Options:  CallOptions,
			Examples: []string{"load docker-archive:https://gateway/job.tar.zst"},
			Run:      c.load,
		},
		{
			Name: "images", Summary: "list the images in the store, with their size as it was pulled",
			Options: []command.Option{
				{Names: "-q, --quiet", Help: "print their IDs alone"},
				{Names: "--check", Help: "read all of the store instead, and print what is not whole"},
			},
			Statuses: []string{"1: --check found something that is not whole"},
			Run:      c.images,
		},
		{
			Name: "rmi", Summary: "remove images, by name or ID, from the store", Operands: "IMAGE…",
			Run: c.remove,
		},
		{
			Name: "prune", Summary: "remove images, those used longest ago first and none in use, until there is space",
			Options: []command.Option{{Names: "--keep", Value: "SIZE|PERCENT%", Required: true, Check: checkSpace,
				Help: "stop when so much of the store's disk is free"}},
			Examples: []string{"prune --keep=2G", "prune --keep=20%"},
			Run:      c.prune,
		},
	}
}

type commands struct {
	open func() (*store.Store, error)
}

func (c commands) pull(ctx context.Context, call *command.Call) error {
	policy, err := ParsePolicy(call.Text("policy"))
	if err != nil {
		return err
	}
	s, err := c.open()
	if err != nil {
		return err
	}
	for _, name := range call.Args {
		if err := pullOne(ctx, call, s, name, policy); err != nil {
			return err
		}
	}
	return nil
}

func pullOne(ctx context.Context, call *command.Call, s *store.Store, name string, policy Policy) error {
	if _, err := reference.Parse(name); err != nil {
		return &command.UsageError{Err: err}
	}
	o := ReadOptions(call)
	o.Quiet = call.Flag("quiet")
	image, err := GetFor(ctx, call, s, name, policy, o)
	if err != nil {
		return withoutName(err, call.Name)
	}
	call.Printf("%s\n", image.Digest)
	return nil
}

func (c commands) load(ctx context.Context, call *command.Call) error {
	s, err := c.open()
	if err != nil {
		return err
	}
	for _, name := range call.Args {
		ref, err := reference.Parse(name)
		if err == nil && ref.Path == "" {
			err = fmt.Errorf("image %q is in no archive", name)
		}
		if err != nil {
			return &command.UsageError{Err: err}
		}
		o := ReadOptions(call)
		o.TakeNames = true
		if _, err := GetFor(ctx, call, s, name, Always, o); err != nil {
			return err
		}
	}
	return nil
}

// withoutName keeps "pull: pull IMAGE: …" from being said.
func withoutName(err error, name string) error {
	if text, ok := strings.CutPrefix(err.Error(), name+" "); ok {
		return errors.New(text)
	}
	return err
}

func (c commands) remove(ctx context.Context, call *command.Call) error {
	s, err := c.open()
	if err != nil {
		return err
	}
	for _, name := range call.Args {
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
