package network

import (
	"context"

	"github.com/vishvananda/netlink"
)

// untilReturn runs f until it returns, or until the link's carrier was lost and is back: then
// f's context is done, and the result is true. The cable may lead elsewhere now.
func untilReturn(ctx context.Context, link netlink.Link, f func(ctx context.Context)) (returned bool) {
	within, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		lost := false
		for u := range watchLinks(within) {
			switch {
			case u.gone || !sameLink(u.Link, link):
			case !hasCarrier(u.Link):
				lost = true
			case lost:
				returned = true
				cancel()
				return
			}
		}
	}()
	f(within)
	cancel()
	<-watched
	return returned
}
