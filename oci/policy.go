package oci

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	return "", fmt.Errorf("pull policy %q is none of always, missing, newer, never", s)
}

// Get returns the reference's image, pulled as the policy says. An image given by
// its digits is never pulled.
func Get(ctx context.Context, s *store.Store, ref Reference, policy Policy, o Options) (*store.Image, error) {
	if policy == Always && ref.digits == "" && ref.transport != transportStored {
		return Pull(ctx, s, ref, o)
	}
	local, err := Local(s, ref)
	if err == nil && o.Architecture != "" && local.Config.Architecture != o.Architecture {
		err = fmt.Errorf("%s: %w for %s, only for %s", ref, store.ErrNotFound, o.Architecture, local.Config.Architecture)
	}
	isMissing := errors.Is(err, store.ErrNotFound)
	switch {
	case err != nil && !isMissing:
		return nil, err
	case isMissing && (policy == Never || ref.transport == transportStored):
		return nil, err
	case !isMissing && (policy == Never || policy == Missing || !slices.Contains(local.Names, ref.String())):
		return local, nil
	}
	image, err := Pull(ctx, s, ref, o)
	if err != nil && policy == Newer && !isMissing && ctx.Err() == nil {
		if o.Warn != nil {
			o.Warn(fmt.Sprintf("%v: going on with the image in the store", err))
		}
		return local, nil
	}
	return image, err
}

// Local finds the reference's image in the store, by its name or, where it could
// be such, by the digits of its ID.
func Local(s *store.Store, ref Reference) (*store.Image, error) {
	image, err := s.Image(ref.String())
	if ref.digits != "" && errors.Is(err, store.ErrNotFound) {
		if found, err := s.Image(ref.digits); !errors.Is(err, store.ErrNotFound) {
			return found, err
		}
	}
	return image, err
}
