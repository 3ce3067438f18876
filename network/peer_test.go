package network

import (
	"bufio"
	"context"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bootrc/test/program"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// patience is how long a test waits for what must come, on however slow a machine.
const patience = 10 * time.Minute

// peer is a network namespace at the other end of virtual cables.
type peer struct {
	t  *testing.T
	ns netns.NsHandle

	solicited atomic.Int32 // how often a router that advertises was asked to
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{t: t}
	inOther(t, func() error {
		var err error
		p.ns, err = netns.New()
		return err
	})
	t.Cleanup(func() { p.ns.Close() })
	p.do(loopbackUp)
	// whoever else is on a network is there already: it is sure of its addresses
	p.do(func() error { return setIPv6("accept_dad") })
	// the kernel gives links a second before it asks for routers
	check(t, setIPv6("router_solicitation_delay"))
	return p
}

// setIPv6 makes a setting 0 for the links that will be in the namespace.
func setIPv6(name string) error {
	return os.WriteFile("/proc/sys/net/ipv6/conf/default/"+name, []byte("0"), 0)
}

// loopbackUp brings the interface lo up, as the boot does by ip.
func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(lo)
}

// do runs f in the peer's namespace.
func (p *peer) do(f func() error) {
	p.t.Helper()
	inOther(p.t, func() error {
		if err := netns.Set(p.ns); err != nil {
			return err
		}
		return f()
	})
}

// inOther runs f on a thread whose namespace f may change.
func inOther(t *testing.T, f func() error) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := netns.Get()
	check(t, err)
	defer own.Close()
	err = f()
	check(t, netns.Set(own))
	check(t, err)
}

// cable makes an interface here that ends at one of the same name in the peer,
// which is up and has the addresses.
func (p *peer) cable(name string, addresses ...string) netlink.Link {
	p.t.Helper()
	check(p.t, netlink.LinkAdd(&netlink.Veth{
		LinkAttrs:     netlink.LinkAttrs{Name: name, TxQLen: 1000},
		PeerName:      name,
		PeerNamespace: netlink.NsFd(p.ns),
	}))
	link, err := netlink.LinkByName(name)
	check(p.t, err)
	p.t.Cleanup(func() { netlink.LinkDel(link) })
	p.plug(name)
	for _, a := range addresses {
		p.do(func() error {
			end, err := netlink.LinkByName(name)
			check(p.t, err)
			return addAddress(end, netip.MustParsePrefix(a), 0)
		})
	}
	return link
}

// plug gives the cable's end here a carrier; unplug takes it.
func (p *peer) plug(name string) { p.set(name, netlink.LinkSetUp) }

func (p *peer) unplug(name string) { p.set(name, netlink.LinkSetDown) }

func (p *peer) set(name string, state func(netlink.Link) error) {
	p.t.Helper()
	p.do(func() error {
		end, err := netlink.LinkByName(name)
		check(p.t, err)
		return state(end)
	})
}

// dnsmasq serves on the peer's end of a cable, until the test ends or the
// function is called. It returns when it is ready.
func (p *peer) dnsmasq(link string, options ...string) (stop func()) {
	p.t.Helper()
	args := append([]string{
		"--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--no-ping", "--user=root",
		"--pid-file=", "--log-facility=-", "--log-dhcp", "--bind-interfaces", "--interface=" + link, "--dhcp-authoritative",
		"--dhcp-leasefile=" + filepath.Join(p.t.TempDir(), "leases"),
		"--host-record=server.example.test,192.0.2.80,2001:db8::80",
	}, options...)
	cmd := exec.Command(program.Need(p.t, "dnsmasq"), args...)
	output, err := cmd.StderrPipe()
	check(p.t, err)
	p.do(cmd.Start)

	var log strings.Builder
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		opened := sync.OnceFunc(func() { close(ready) })
		for lines := bufio.NewScanner(output); lines.Scan(); {
			log.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "warning: no upstream servers") {
				opened()
			}
		}
	}()
	stop = sync.OnceFunc(func() {
		cmd.Process.Kill()
		<-ended
		cmd.Wait()
		if p.t.Failed() {
			p.t.Logf("dnsmasq %v:\n%s", options, &log)
		}
	})
	p.t.Cleanup(stop)
	select {
	case <-ready:
	case <-ended:
		p.t.Fatalf("dnsmasq ended at once:\n%s", &log)
	case <-time.After(patience):
		p.t.Fatal("dnsmasq does not get ready")
	}
	return stop
}

// newManager returns a manager with a resolv.conf of its own, whose background
// work ends with the test, and the warnings that it gave so far.
func newManager(t *testing.T) (*Manager, func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var mu sync.Mutex
	var warnings strings.Builder
	m := NewManager(ctx, func(err error) {
		mu.Lock()
		defer mu.Unlock()
		warnings.WriteString(err.Error() + "\n")
	})
	m.times.grace = patience
	m.times.ask, m.times.second = 200*time.Millisecond, 100*time.Millisecond
	m.resolv.path = filepath.Join(t.TempDir(), "etc", "resolv.conf")
	t.Cleanup(func() {
		cancel()
		m.mu.Lock()
		tasks := slices.Collect(maps.Values(m.tasks))
		m.mu.Unlock()
		for _, running := range tasks {
			running.end()
		}
	})
	return m, func() string {
		mu.Lock()
		defer mu.Unlock()
		return warnings.String()
	}
}

// resolvText is what the manager wrote to resolv.conf.
func resolvText(t *testing.T, m *Manager) string {
	t.Helper()
	content, err := os.ReadFile(m.resolv.path)
	if os.IsNotExist(err) {
		return ""
	}
	check(t, err)
	return string(content)
}

// start runs f beside the test; what it returns waits for the end of f.
func start(f func() (*Config, error)) func() (*Config, error) {
	type result struct {
		config *Config
		err    error
	}
	done := make(chan result, 1)
	go func() {
		c, err := f()
		done <- result{c, err}
	}()
	return func() (*Config, error) {
		r := <-done
		return r.config, r.err
	}
}

// eventually waits until a condition holds, as long as a slow machine may need.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("in vain waited for: %s", what)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refresh returns the link as it is now.
func refresh(t *testing.T, link netlink.Link) netlink.Link {
	t.Helper()
	now, err := netlink.LinkByIndex(link.Attrs().Index)
	check(t, err)
	return now
}

// addresses are those of a link, but for link-local ones.
func addresses(t *testing.T, link netlink.Link) string {
	t.Helper()
	list, err := netlink.AddrList(link, netlink.FAMILY_ALL)
	check(t, err)
	var words []string
	for _, a := range list {
		if !a.IP.IsLinkLocalUnicast() {
			words = append(words, prefix(a.IPNet).String())
		}
	}
	return strings.Join(words, " ")
}

// routes are those of a link in a family that have a gateway, or that we made.
func routes(t *testing.T, link netlink.Link, family int) []string {
	t.Helper()
	var lines []string
	for _, r := range routesOf(link, family) {
		line := r.Dst.String()
		if r.Via.IsValid() {
			line += " via " + r.Via.String()
		}
		lines = append(lines, line)
	}
	return lines
}
