package network

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kit/kconfig"
	"bootrc/kit/order"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// stack makes the bond, the bridge or the VLAN that an interface is, unless it is in use
// already. A VLAN waits for the interface that it is on; a bond or a bridge takes in its ports
// whenever they appear, from now on.
func (m *Manager) stack(ctx context.Context, f *Iface) error {
	if f.Kind == "" {
		return nil
	}
	var parent netlink.Link
	var err error
	if f.Kind == "vlan" {
		if parent, err = m.waitNamed(ctx, f.Parent); err == nil {
			err = setUp(parent)
		}
		if err != nil {
			return fmt.Errorf("make %s on %s: %w", f.Name, f.Parent, err)
		}
	}
	link, err := makeLink(f, parent)
	if err != nil {
		return err
	}
	if err := m.setOpts(link, f); err != nil {
		return err
	}
	if err := setUp(link); err != nil { // from now on it is in use
		return err
	}
	if len(f.Ports) > 0 {
		m.keep(f.Name+" ports", func(ctx context.Context) { m.takePorts(ctx, link, f.Ports) })
	}
	return nil
}

// note remembers what an interface is made of, so that nobody else uses its ports.
func (m *Manager) note(f *Iface) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.Kind != "" && !slices.Contains(m.stacked, f.Name) {
		m.stacked = append(m.stacked, f.Name)
	}
	for _, p := range f.Ports {
		if !slices.Contains(m.ports, p) {
			m.ports = append(m.ports, p)
		}
	}
}

// isPort tells whether an interface is to be a port of another.
func (m *Manager) isPort(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.ports, name)
}

// makeLink makes a link, or takes one of that name and kind which is in use. One that is not is
// made anew: the kernel's module makes a bond0 of its own when it is loaded.
func makeLink(f *Iface, parent netlink.Link) (netlink.Link, error) {
	for range 2 {
		link, err := netlink.LinkByName(f.Name)
		if err == nil && link.Type() != f.Kind {
			return nil, fmt.Errorf("make the %s %s: an interface of that name is there already", f.Kind, f.Name)
		}
		if err == nil && isUp(link) {
			return link, nil
		}
		if err == nil {
			netlink.LinkDel(link) // if it fails, it is there and the next step says so
		}
		switch err = requestLink(f, parent); {
		case err == nil:
			return linkByName(f.Name)
		case errors.Is(err, unix.EOPNOTSUPP):
			return nil, fmt.Errorf("make the %s %s: %w", f.Kind, f.Name, kconfig.LacksModule(f.Kind, stackSymbols[f.Kind]))
		case !errors.Is(err, unix.EEXIST):
			return nil, fmt.Errorf("make the %s %s: %w", f.Kind, f.Name, err)
		}
	}
	return nil, fmt.Errorf("make the %s %s: an interface of that name is there already", f.Kind, f.Name)
}

// stackSymbols are what the kernel makes each kind by.
var stackSymbols = map[string]string{"bond": "BONDING", "bridge": "BRIDGE", "vlan": "VLAN_8021Q"}

// requestLink asks the kernel for a link (rtnetlink(7)). The library's own function for that can make all
// kinds that there are, and makes the packed program 42 KB larger.
func requestLink(f *Iface, parent netlink.Link) error {
	request := nl.NewNetlinkRequest(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
	request.AddData(nl.NewIfInfomsg(unix.AF_UNSPEC))
	request.AddData(nl.NewRtAttr(unix.IFLA_IFNAME, nl.ZeroTerminated(f.Name)))
	info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(nl.IFLA_INFO_KIND, nl.NonZeroTerminated(f.Kind))
	if parent != nil {
		request.AddData(nl.NewRtAttr(unix.IFLA_LINK, nl.Uint32Attr(uint32(parent.Attrs().Index))))
		info.AddRtAttr(nl.IFLA_INFO_DATA, nil).AddRtAttr(nl.IFLA_VLAN_ID, nl.Uint16Attr(uint16(f.VLAN)))
	}
	request.AddData(info)
	_, err := request.Execute(unix.NETLINK_ROUTE, 0)
	return err
}

// setOpts writes options to the kernel's files for a bond (Documentation/networking/bonding.rst) or a
// bridge. The mode comes first, since others are refused in the wrong one. A link that was in use keeps
// what it has. The kernel's not knowing an option is a warning.
func (m *Manager) setOpts(link netlink.Link, f *Iface) error {
	if isUp(link) {
		return nil
	}
	folder := filepath.Join("/sys/class/net", f.Name, map[string]string{"bond": "bonding", "bridge": "bridge"}[f.Kind])
	opts := slices.Clone(f.Opts)
	order.By(opts, func(a, b string) int { return rankOpt(a) - rankOpt(b) })
	for _, o := range opts {
		name, value, _ := strings.Cut(o, "=")
		for _, word := range splitTargets(name, value) {
			switch err := writeTo(filepath.Join(folder, name), word); {
			case os.IsNotExist(err):
				m.warn(fmt.Errorf("%s: option %s: this kernel has no such option of a %s", f.Name, o, f.Kind))
			case err != nil:
				return fmt.Errorf("%s: option %s: %w", f.Name, o, errors.Unwrap(err))
			}
		}
	}
	return nil
}

// writeTo writes to a file of the kernel's.
func writeTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(text)
	return err
}

func rankOpt(opt string) int {
	if strings.HasPrefix(opt, "mode=") {
		return 0
	}
	return 1
}

// splitTargets are the values that an option's file takes one by one: of a list of addresses, each is
// added by a +.
func splitTargets(name, value string) []string {
	if !strings.HasSuffix(name, "_target") {
		return []string{value}
	}
	words := strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == ',' })
	for i, w := range words {
		words[i] = "+" + strings.TrimPrefix(w, "+")
	}
	return words
}

// takePorts makes interfaces ports of a bond or a bridge whenever they appear, until ctx is
// done. One that is refused is not tried again before it appears anew.
func (m *Manager) takePorts(ctx context.Context, master netlink.Link, names []string) {
	refused := make(map[int]bool)
	for u := range watchLinks(ctx) {
		a := u.Attrs()
		switch {
		case u.gone:
			delete(refused, a.Index)
		case !slices.ContainsFunc(names, func(name string) bool { return m.isNamed(u.Link, name) }) || a.MasterIndex == master.Attrs().Index || refused[a.Index]:
		default:
			if err := takePort(master, u.Link); err != nil {
				refused[a.Index] = true
				m.warn(err)
			}
		}
	}
}

// takePort makes an interface a port. A bond takes only one that is down.
func takePort(master, port netlink.Link) error {
	steps := []func() error{
		func() error { return netlink.LinkSetDown(port) },
		func() error { return netlink.LinkSetMaster(port, master) },
		func() error { return netlink.LinkSetUp(port) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("make %s a port of %s: %w", port.Attrs().Name, master.Attrs().Name, err)
		}
	}
	return nil
}
