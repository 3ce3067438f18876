package network

import (
	"context"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
)

// AwaitInterface returns the name of the interface as soon as its driver has made it,
// or for "any" that of the first piece of hardware with a cable in it, whatever its
// name, or ctx's error once that is done. It brings up those that it asks for a cable.
func AwaitInterface(ctx context.Context, name string) (string, error) {
	wanted := func(l netlink.Link) bool { return l.Attrs().Name == name }
	if name == "any" {
		wanted = func(l netlink.Link) bool {
			if !isWired(l) {
				return false
			}
			if !isUp(l) {
				setUp(l) // if it fails, there will be no carrier
			}
			return hasCarrier(l)
		}
	}
	link, err := watchFor(ctx, wanted, ctx.Err)
	if err != nil {
		return "", err
	}
	return link.Attrs().Name, nil
}

// isWired tells whether an interface is hardware that a cable belongs to, whatever its
// name, or what stands for it in a container. The ports of bonds and bridges are theirs.
func isWired(l netlink.Link) bool {
	a := l.Attrs()
	if a.EncapType != "ether" || a.MasterIndex != 0 {
		return false
	}
	switch l.Type() {
	case "device": // hardware has no kind of its own
		_, err := os.Stat(filepath.Join("/sys/class/net", a.Name, "phy80211"))
		return err != nil
	case "veth":
		return matches([]string{"eth*", "en*"}, a.Name)
	}
	return false
}
