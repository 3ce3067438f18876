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
		Help: "pull the image always, only if it is missing, only if the registry has a newer one, or never"}}, oci.CallOptions),
	read: func(call *command.Call, v *Invocation) (err error) {
		v.policy, err = oci.ParsePolicy(call.Text("pull"))
		v.origin = oci.ReadOptions(call)
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
	found, err := oci.GetFor(ctx, call, s, v.Image, v.policy, v.origin)
	if err != nil {
		return Image{}, nil, err
	}
	release, err = s.Hold(ctx, found)
	if err != nil {
		return Image{}, nil, err
	}
	return Image{Name: v.Image, ID: found.ID.Hex, Layers: found.Layers, Config: found.Config.Config}, release, nil
}
