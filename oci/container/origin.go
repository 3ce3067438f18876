package container

import (
	"context"
	"slices"

	"bootrc/kit/command"
	"bootrc/oci"
	"bootrc/oci/store"
)

// origin is how the image is found.
var origin = slice{
	options: slices.Concat([]command.Option{{Names: "--pull", Value: "POLICY", Default: string(oci.Missing), Check: oci.CheckPolicy,
		Help: "pull the image always, only if it is missing, only if the registry has a newer one, or never"},
		{Names: "-q, --quiet", Help: "do not show how far a pull is"},
		{Names: "--os", Value: "linux", Kind: command.Choice, Help: "take the image for this system, which is the only one"}}, oci.CallOptions),
	read: func(call *command.Call, v *Invocation) (err error) {
		v.policy, err = oci.ParsePolicy(call.Text("pull"))
		v.origin = oci.ReadOptions(call)
		v.origin.Quiet = call.Flag("quiet")
		return err
	},
}

// GetImage gets all that comes from elsewhere: the script, and the image, which nobody removes until it is released.
func (v *Invocation) GetImage(ctx context.Context, call *command.Call, open func() (*store.Store, error)) (_ Image, release func(), err error) {
	if err := v.readScript(ctx, call); err != nil {
		return Image{}, nil, err
	}
	s, err := open()
	if err != nil {
		return Image{}, nil, err
	}
	releases := []func(){}
	release = func() {
		for _, r := range releases {
			r()
		}
	}
	get := func(name string) (*store.Image, error) {
		found, err := oci.GetFor(ctx, call, s, name, v.policy, v.origin)
		if err != nil {
			return nil, err
		}
		done, err := s.Hold(ctx, found)
		if err == nil {
			releases = append(releases, done)
		}
		return found, err
	}
	found, err := get(v.Image)
	for i, m := range v.Options.Mounts {
		var other *store.Image
		if m.Type == mountImage && err == nil {
			if other, err = get(m.Source); err == nil {
				v.Options.Mounts[i].layers = other.Layers
			}
		}
	}
	if err != nil {
		release()
		return Image{}, nil, err
	}
	return Image{Name: v.Image, ID: found.ID.Hex, Layers: found.Layers, Config: found.Config.Config}, release, nil
}
