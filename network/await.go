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

// isWired tells whether an interface is hardware that a cable belongs to.
func isWired(l netlink.Link) bool {
	folder := filepath.Join("/sys/class/net", l.Attrs().Name)
	_, err := os.Stat(filepath.Join(folder, "device"))
	_, wireless := os.Stat(filepath.Join(folder, "phy80211"))
	return err == nil && wireless != nil && l.Attrs().EncapType == "ether"
}
