package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bootrc/kit/retry"
)

var errExpired = errors.New("no server extended it in time")

// keep4 keeps an IPv4 lease on an interface for as long as ctx lasts: it extends
// the lease, and gets another one when that fails. With a nil lease it starts by
// getting one.
func (m *Manager) keep4(ctx context.Context, c client4, l *lease) {
	for ctx.Err() == nil {
		if l == nil {
			var fresh *lease
			untilReturn(ctx, c.link, func(ctx context.Context) {
				var err error
				if fresh, err = c.discover(ctx, lazy); err != nil {
					retry.Sleep(ctx, lazy(8)) // the interface is down or gone
				}
			})
			if fresh == nil {
				continue
			}
			m.install(c, nil, fresh)
			l = fresh
		}
		next, err := c.hold(ctx, l, m.times.reboot)
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

// hold returns what a lease became once it was extended, or once the cable was out and is in again, which
// servers are asked about for so long. An error means that the lease is lost.
func (c client4) hold(ctx context.Context, l *lease, patience time.Duration) (next *lease, err error) {
	work := c.extendInTime
	for {
		returned := untilReturn(ctx, c.link, func(ctx context.Context) { next, err = work(ctx, l) })
		if !returned || next != nil || ctx.Err() != nil {
			return next, err
		}
		work = func(ctx context.Context, l *lease) (*lease, error) { return c.reconfirm(ctx, l, patience) }
	}
}

// extendInTime waits until it is time, and extends the lease.
func (c client4) extendInTime(ctx context.Context, l *lease) (*lease, error) {
	if l.length == forever {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	retry.Sleep(ctx, time.Until(c.times.due(l.got, l.renew)))
	next, err := c.extendUntil(ctx, l, false, c.times.due(l.got, l.rebind))
	if next != nil || errors.Is(err, errRefused) {
		return next, err
	}
	next, err = c.extendUntil(ctx, l, true, c.times.due(l.got, l.length))
	if next != nil || errors.Is(err, errRefused) {
		return next, err
	}
	return nil, errExpired
}

// reconfirm asks whether the address is right on what may be another network (INIT-REBOOT of RFC 2131,
// section 3.2). Where nobody answers in time, the address may be used further on, and another is asked for.
func (c client4) reconfirm(ctx context.Context, l *lease, patience time.Duration) (*lease, error) {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	next, err := c.reboot(soon, l)
	if next != nil || errors.Is(err, errRefused) {
		return next, err
	}
	if l.length != forever {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, c.times.due(l.got, l.length))
		defer cancel()
	}
	for ctx.Err() == nil {
		if next, _ = c.discover(ctx, lazy); next != nil {
			return next, nil
		}
		retry.Sleep(ctx, eager(2)) // packets cannot be sent now
	}
	return nil, errExpired
}

// reboot asks any server for an address that it, or another, has given before.
func (c client4) reboot(ctx context.Context, l *lease) (*lease, error) {
	m := c.message(request4)
	m.options[optAddress] = l.Addresses[0].Addr().AsSlice()
	socket, err := c.broadcast()
	if err != nil {
		return nil, fmt.Errorf("listen for DHCP: %w", err)
	}
	defer socket.Close()
	return c.conclude(ctx, socket, m, eager)
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
		retry.Sleep(ctx, pauses(0)) // packets cannot be sent now
	}
}
