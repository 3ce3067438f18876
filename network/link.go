package network

import (
	"context"
	"fmt"
	"time"

	"bootrc/kit/retry"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// watchFor returns the first interface that wanted accepts, or what missing says
// once ctx is done.
func watchFor(ctx context.Context, wanted func(netlink.Link) bool, missing func() error) (netlink.Link, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for u := range watchLinks(ctx) {
		if !u.gone && wanted(u.Link) {
			return u.Link, nil
		}
	}
	return nil, missing()
}

// linkUpdate is an interface as it is now.
type linkUpdate struct {
	netlink.Link
	gone bool // it no longer exists
}

// watchLinks reports every interface that exists and each change of one, until
// ctx is done; then the channel is closed. The kernel drops events when they
// come faster than they are read: then everything is reported anew.
func watchLinks(ctx context.Context) <-chan linkUpdate {
	updates := make(chan linkUpdate)
	go func() {
		defer close(updates)
		for ctx.Err() == nil {
			if err := forwardLinks(ctx, updates); err != nil {
				retry.Sleep(ctx, time.Second)
			}
		}
	}()
	return updates
}

// forwardLinks subscribes once, and returns when the subscription broke or ctx
// is done.
func forwardLinks(ctx context.Context, updates chan<- linkUpdate) error {
	events := make(chan netlink.LinkUpdate)
	done := make(chan struct{})
	err := netlink.LinkSubscribeWithOptions(events, done, netlink.LinkSubscribeOptions{ListExisting: true})
	if err != nil {
		close(done)
		return fmt.Errorf("subscribe to interfaces: %w", err)
	}
	defer func() {
		close(done)
		go func() { // the subscription's goroutine may be sending
			for range events {
			}
		}()
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-events:
			if !ok {
				return nil
			}
			if e.Family == unix.AF_BRIDGE { // what a bridge says of its ports, such as that one is no longer its
				continue
			}
			select {
			case updates <- linkUpdate{e.Link, e.Header.Type == unix.RTM_DELLINK}:
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// hasCarrier tells whether packets can be sent: the interface is up and its
// cable, or what stands for one, is plugged in. The operational state, which is
// IFF_RUNNING, would say so up to a second later.
func hasCarrier(l netlink.Link) bool {
	return isUp(l) && l.Attrs().RawFlags&unix.IFF_LOWER_UP != 0
}

func isUp(l netlink.Link) bool { return l.Attrs().RawFlags&unix.IFF_UP != 0 }
