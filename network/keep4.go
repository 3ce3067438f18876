package network

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var errExpired = errors.New("no server extended it in time")

// keep4 keeps an IPv4 lease on an interface for as long as ctx lasts: it extends
// the lease, and gets another one when that fails. With a nil lease it starts by
// getting one.
func (m *Manager) keep4(ctx context.Context, c client4, l *lease) {
	for ctx.Err() == nil {
		if l == nil {
			fresh, err := c.discover(ctx, lazy)
			if err != nil {
				sleep(ctx, lazy(8)) // the interface is down or gone
				continue
			}
			m.install(c, nil, fresh)
			l = fresh
		}
		next, err := c.hold(ctx, l)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			m.warn(fmt.Errorf("%s: lease of %s lost: %w", c.name(), l.Addresses[0].Addr(), err))
			withdraw(c.link, &l.Config, nil)
			m.resolv.set(c.name()+" DHCP", nil, nil)
		} else {
			m.install(c, l, next)
		}
		l = next
	}
}

// install configures the interface with a lease, in place of a former one or nil.
func (m *Manager) install(c client4, former, next *lease) {
	var old *Config
	if former != nil {
		old = &former.Config
	}
	if err := m.configure(c.link, "DHCP", old, &next.Config); err != nil {
		m.warn(err)
	}
}

// hold waits until it is time, extends the lease and returns what it became. An
// error means that the lease is lost.
func (c client4) hold(ctx context.Context, l *lease) (*lease, error) {
	if l.length == forever {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	sleep(ctx, time.Until(l.got.Add(l.renew)))
	next, err := c.extendUntil(ctx, l, false, l.got.Add(l.rebind))
	if next != nil || errors.Is(err, errRefused) {
		return next, err
	}
	next, err = c.extendUntil(ctx, l, true, l.got.Add(l.length))
	if next != nil || errors.Is(err, errRefused) {
		return next, err
	}
	return nil, errExpired
}

// extendUntil asks for more time until the end of this phase. Each pause is half
// of what remains, but no shorter than a minute, or a sixteenth of a short lease.
func (c client4) extendUntil(ctx context.Context, l *lease, rebinding bool, end time.Time) (*lease, error) {
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	pauses := func(int) time.Duration {
		return max(time.Until(end)/2, min(time.Minute, l.length/16))
	}
	for {
		next, err := c.extend(ctx, l, rebinding, pauses)
		if next != nil || errors.Is(err, errRefused) || ctx.Err() != nil {
			return next, err
		}
		sleep(ctx, pauses(0)) // packets cannot be sent now
	}
}
