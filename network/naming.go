package network

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
)

// hardwareOf is the address that a card was made with, whatever it has been given since: a
// bond gives its ports one. Links that are no cards have none.
func hardwareOf(l netlink.Link) net.HardwareAddr {
	a := l.Attrs()
	switch {
	case l.Type() != "device" && l.Type() != "veth":
		return nil
	case len(a.PermHWAddr) > 0:
		return a.PermHWAddr
	}
	return a.HardwareAddr
}

// isCard tells whether a link is the card with that hardware address.
func isCard(l netlink.Link, mac net.HardwareAddr) bool {
	return mac != nil && bytes.Equal(hardwareOf(l), mac)
}

// giveNames has cards be named as said whenever they appear, for as long as the manager lives.
func (m *Manager) giveNames(names []Naming) {
	if len(names) == 0 {
		return
	}
	m.mu.Lock()
	m.names = append(names, m.names...) // the last word counts
	m.mu.Unlock()
	m.keep("names", func(ctx context.Context) {
		for u := range watchLinks(ctx) {
			if name := m.nameOf(u.Link); !u.gone && name != "" {
				if err := rename(u.Link, name); err != nil {
					m.warn(err)
				}
			}
		}
	})
}

// isNamed tells whether a link is the one that is meant by a name. Another card may have it until the
// one that is to get it appears.
func (m *Manager) isNamed(l netlink.Link, name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.names, func(n Naming) bool { return n.Name == name })
	return l.Attrs().Name == name && (i < 0 || isCard(l, m.names[i].MAC))
}

// waitNamed returns the link that is meant by a name as soon as its driver has made it, or an
// error that names it once ctx is done.
func (m *Manager) waitNamed(ctx context.Context, name string) (netlink.Link, error) {
	start := time.Now()
	return watchFor(ctx, func(l netlink.Link) bool { return m.isNamed(l, name) }, func() error {
		return fmt.Errorf("interface %s did not appear within %s; there %s", name, span(time.Since(start).Round(time.Second)), interfaces())
	})
}

// interfaces says which there are.
func interfaces() string {
	var names []string
	links, _ := netlink.LinkList()
	for _, l := range links {
		names = append(names, l.Attrs().Name)
	}
	if len(names) == 0 {
		return "is none"
	}
	return "are " + strings.Join(names, ", ") + " (`lspci` lists the hardware)"
}

// nameOf is the name that a card is still to get, or "".
func (m *Manager) nameOf(l netlink.Link) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.names, func(n Naming) bool { return isCard(l, n.MAC) })
	if i < 0 || l.Attrs().Name == m.names[i].Name {
		return ""
	}
	return m.names[i].Name
}

// rename gives a card a name, which takes one that is down. A card that has that name gets
// another from the kernel.
func rename(link netlink.Link, name string) error {
	if other, err := netlink.LinkByName(name); err == nil {
		if sameLink(other, link) {
			return nil
		}
		if err := setName(other, "eth%d"); err != nil {
			return err
		}
	}
	return setName(link, name)
}

func setName(link netlink.Link, name string) error {
	err := netlink.LinkSetDown(link)
	if err == nil {
		err = netlink.LinkSetName(link, name)
	}
	if err != nil {
		return fmt.Errorf("rename %s to %s: %w", link.Attrs().Name, name, err)
	}
	return nil
}
