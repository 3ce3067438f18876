package oci

import (
	"context"
	"io"
	"time"

	"bootrc/kit/command"
	"bootrc/oci/reference"
	"bootrc/oci/store"
)

// GetFor is Get for a command of the shell: the name is relative to the call's
// folder, and progress and warnings go to its standard error.
func GetFor(ctx context.Context, call *command.Call, s *store.Store, name string, policy Policy, o Options) (*store.Image, error) {
	ref, err := reference.Parse(name)
	if err != nil {
		return nil, err
	}
	o.Warn = call.Warn
	screen := call.Stderr
	if o.Quiet {
		screen = io.Discard
	}
	begin, m := time.Now(), newMeter(screen)
	o.Progress = m.set
	image, err := Get(ctx, s, ref.In(call.Dir), policy, o)
	m.stop(err == nil)
	if p := m.get(); p.Reference != "" {
		call.Record("pull", p.Reference, begin, p.Done)
	}
	return image, err
}
