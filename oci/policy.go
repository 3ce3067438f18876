package oci

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"bootrc/oci/manifest"
	"bootrc/oci/reference"
	"bootrc/oci/registry"
	"bootrc/oci/registry/config"
	"bootrc/oci/signature"
	"bootrc/oci/store"
)

// Policy is when an image is pulled: podman-create(1), --pull.
type Policy string

// The policies. Newer pulls unless the registry's image is the store's, and takes
// the store's where the registry cannot be asked.
const (
	Always  Policy = "always"
	Missing Policy = "missing"
	Newer   Policy = "newer"
	Never   Policy = "never"
)

// ParsePolicy reads a policy's name; "true" and "false" stand for Always and
// Missing.
func ParsePolicy(s string) (Policy, error) {
	switch p := Policy(s); p {
	case Always, Missing, Newer, Never:
		return p, nil
	case "true":
		return Always, nil
	case "false":
		return Missing, nil
	}
	return "", fmt.Errorf("expected always, missing, newer or never, got %q", s)
}

// CheckPolicy is ParsePolicy for command.Option.
func CheckPolicy(s string) error {
	_, err := ParsePolicy(s)
	return err
}

// Get returns the reference's image, pulled as the policy says. An image given by
// its digits is never pulled. With Options.Offline, a registry that cannot be
// reached is no error where the store has the image. A short name is that of the first
// registry in registries.conf that has it.
func Get(ctx context.Context, s *store.Store, ref reference.Reference, policy Policy, o Options) (*store.Image, error) {
	c, err := config.Load(o.Registry.ConfigFiles)
	if err != nil {
		return nil, err
	}
	names, err := c.Names(ref)
	if err != nil {
		return nil, err
	}
	var failure error
	for _, name := range names {
		image, err := get(ctx, s, name, policy, o)
		if err == nil || ctx.Err() != nil {
			return image, err
		}
		if failure == nil {
			failure = err
		} else {
			failure = fmt.Errorf("%w; %w", failure, err)
		}
	}
	return nil, failure
}

func get(ctx context.Context, s *store.Store, ref reference.Reference, policy Policy, o Options) (*store.Image, error) {
	local, named, err := lookUp(s, ref)
	if err == nil && o.Architecture != "" && !manifest.SameArchitecture(local.Config.Architecture, o.Architecture) {
		err = fmt.Errorf("%s: %w for %s, only for %s", ref, store.ErrNotFound, o.Architecture, local.Config.Architecture)
	}
	if err == nil {
		err = mayRun(s, ref, named, local, o)
	}
	_, isRefused := errors.AsType[*signature.Refusal](err)
	isMissing := errors.Is(err, store.ErrNotFound) || isRefused && named
	switch {
	case err != nil && !isMissing:
		return nil, err
	case isMissing && (policy == Never || ref.Transport == reference.Stored):
		return nil, err
	case isMissing:
		return Pull(ctx, s, ref, o)
	case policy == Never, policy == Missing, !named:
		return local, nil
	}
	return pullOver(ctx, s, ref, policy, o, local)
}

// mayRun checks an image of the store by the machine's rules: one that was found by digits, as
// these were given, by all of them.
func mayRun(s *store.Store, ref reference.Reference, named bool, image *store.Image, o Options) error {
	subject := ref
	if !named {
		subject = reference.Reference{Transport: reference.Stored, Name: cmp.Or(ref.Name, ref.Digits)}
	}
	g, err := newGuard(s, subject, o)
	if err == nil {
		err = g.check(image)
	}
	if err != nil {
		return fmt.Errorf("%s: the image in the store: %w", ref, err)
	}
	return nil
}

// pullOver pulls where the store has an image of that name already. If that will
// do, the registry is not given all the time there is.
func pullOver(ctx context.Context, s *store.Store, ref reference.Reference, policy Policy, o Options, local *store.Image) (*store.Image, error) {
	if policy == Newer || o.Offline {
		o.Registry = o.Registry.Brief()
	}
	image, err := Pull(ctx, s, ref, o)
	switch {
	case err == nil || ctx.Err() != nil:
		return image, err
	case policy == Newer:
		o.warn(fmt.Sprintf("%v: going on with the image in the store", err))
	case o.Offline && registry.IsUnreachable(err):
		o.warn(fmt.Sprintf("OFFLINE: %v: going on with the image in the store, %.19s, whatever the registry has now", err, local.Digest))
	default:
		return nil, err
	}
	return local, nil
}

// lookUp finds the reference's image in the store, by its name or, where it could
// be such, by the digits of its ID, and tells whether it was the name.
func lookUp(s *store.Store, ref reference.Reference) (image *store.Image, named bool, err error) {
	if ref.Transport == reference.Stored {
		image, err = s.Image(ref.Name)
		return image, false, err
	}
	image, err = s.Named(ref.String())
	if ref.Digits != "" && errors.Is(err, store.ErrNotFound) {
		if found, err := s.Image(ref.Digits); !errors.Is(err, store.ErrNotFound) {
			return found, false, err
		}
	}
	return image, true, err
}
