package network

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// watchAddresses reports the addresses that are there and each change, until ctx
// is done or the subscription breaks; then the channel is closed. Nil, which never
// reports, is for a kernel that refuses.
func watchAddresses(ctx context.Context) <-chan netlink.AddrUpdate {
	const room = 64
	updates := make(chan netlink.AddrUpdate, room)
	err := netlink.AddrSubscribeWithOptions(updates, ctx.Done(), netlink.AddrSubscribeOptions{ListExisting: true})
	if err != nil {
		return nil
	}
	context.AfterFunc(ctx, func() { // its goroutine may be sending
		for range updates {
		}
	})
	return updates
}

// canUse tells whether an address is there and may be used: nobody looks any
// more whether another host has it, or its use does not wait for that.
func canUse(u netlink.AddrUpdate) bool {
	tentative := u.Flags&unix.IFA_F_TENTATIVE != 0 && u.Flags&unix.IFA_F_OPTIMISTIC == 0
	return u.NewAddr && !tentative && u.Flags&unix.IFA_F_DADFAILED == 0
}

// waitLinkLocal returns a link's own IPv6 address once it can be used. That takes
// the kernel up to two seconds from the carrier on.
func waitLinkLocal(ctx context.Context, link netlink.Link) (net.IP, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	updates := watchAddresses(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case u, ok := <-updates:
			if !ok {
				return nil, fmt.Errorf("%s: the kernel no longer tells about addresses", link.Attrs().Name)
			}
			ip := u.LinkAddress.IP
			if u.LinkIndex == link.Attrs().Index && ip.To4() == nil && ip.IsLinkLocalUnicast() && canUse(u) {
				return ip, nil
			}
		}
	}
}

// zone is a link as the standard library takes it in addresses. A name would do,
// but the library remembers for a minute which interface had it.
func zone(link netlink.Link) string { return strconv.Itoa(link.Attrs().Index) }
