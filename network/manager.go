// Package network brings the machine onto the network: links, addresses,
// routes and DNS servers, from a static description, from the kernel's ip=
// parameter, or from DHCP and IPv6 router advertisements.
//
// A Manager does the work. What has to go on while the machine runs (renewing
// leases, following router advertisements) it does in goroutines that end with
// the context it was made with.
package network

import (
	"context"
	"net"
	"net/netip"
	"path/filepath"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
)

// Manager configures interfaces and keeps their leases. Its methods may be
// called at the same time.
type Manager struct {
	life   context.Context
	warn   func(error)
	resolv *resolvConf
	proc   string // where proc is mounted
	times  times

	mu      sync.Mutex
	tasks   map[string]*task
	extras  *Extras
	clocks  []string         // the time servers that DHCP named last
	names   []Naming         // that cards are to have
	stacked []string         // bonds, bridges and VLANs that were asked for
	ports   []string         // of bonds and bridges
	booted  net.HardwareAddr // the card that the boot loader came by, or nil
}

// times are how long a contest and what follows it wait.
type times struct {
	news   time.Duration // before those who wait are told what for, and between one time and the next
	grace  time.Duration // where IPv6 is ready, from the first carrier on, for an answer by IPv4, and then for a DNS server; a later one still counts
	boot   time.Duration // for a link of the card that the boot loader came by; where it has one, others have to wait until the limit
	reboot time.Duration // for a word on an old address, when a cable is in again
	delay  time.Duration // from the first carrier on, before IPv6 is looked after
	rest   time.Duration // before IPv6 is looked after, where IPv4 was there first
	ask    time.Duration // for routers to answer, before they are asked again; longer each time
	second time.Duration // of a lease
	ack    time.Duration // for a server to grant what it offered, before others are asked; longer each time
}

// usualTimes have an IPv4 answer that comes at once share the processor with no IPv6, for whose
// routers the kernel takes a second to ask anyhow, and have IPv6 wait until the machine is
// no longer busy with booting. The kernel gets an address by itself meanwhile.
var usualTimes = times{
	news: 10 * time.Second, grace: 5 * time.Second, boot: 10 * time.Second, reboot: 10 * time.Second,
	delay: 300 * time.Millisecond, rest: 2 * time.Second, ack: 4 * time.Second,
	ask: 4 * time.Second, second: time.Second,
}

// due is the time at which something is due that a lease has after so many seconds.
func (t times) due(got time.Time, after time.Duration) time.Time {
	return got.Add(time.Duration(after.Seconds() * float64(t.second)))
}

// task is a goroutine that the manager owns.
type task struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// NewManager returns a Manager whose background work ends when life does. What
// goes wrong there (a lease that is lost) is told to warn, which may be called
// from any goroutine.
func NewManager(life context.Context, warn func(error)) *Manager {
	return &Manager{
		life:   life,
		warn:   warn,
		resolv: &resolvConf{path: "/etc/resolv.conf"},
		proc:   "/proc",
		times:  usualTimes,
		tasks:  make(map[string]*task),
		extras: &Extras{},
	}
}

// SetExtras changes what goes into each message to DHCPv4 servers from now on.
func (m *Manager) SetExtras(e *Extras) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.extras = e
}

// timeServers are those that DHCP named.
func (m *Manager) timeServers() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.clocks
}

// noteTimeServers takes over the time servers that DHCP names, if it names any.
func (m *Manager) noteTimeServers(servers []netip.Addr) {
	if len(servers) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clocks = nil
	for _, a := range servers {
		m.clocks = append(m.clocks, a.String())
	}
}

// client4 asks on a link.
func (m *Manager) client4(link netlink.Link) client4 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return client4{link, m.extras, m.times}
}

// keep runs a task in the background under a name. A task that already runs
// under that name is ended first.
func (m *Manager) keep(name string, run func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(m.life)
	t := &task{cancel: cancel, done: make(chan struct{})}

	m.mu.Lock()
	former := m.tasks[name]
	m.tasks[name] = t
	m.mu.Unlock()

	go func() {
		defer close(t.done)
		defer cancel()
		former.end()
		run(ctx)
	}()
}

// drop ends the task of that name, if there is one, and waits for its end.
func (m *Manager) drop(name string) {
	m.mu.Lock()
	t := m.tasks[name]
	delete(m.tasks, name)
	m.mu.Unlock()
	t.end()
}

func (t *task) end() {
	if t != nil {
		t.cancel()
		<-t.done
	}
}

// sysctl is the file of a setting below /proc/sys/net.
func (m *Manager) sysctl(elem ...string) string {
	return filepath.Join(append([]string{m.proc, "sys", "net"}, elem...)...)
}
