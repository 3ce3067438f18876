package network

import (
	"net"
	"testing"

	"github.com/vishvananda/netlink"
)

func TestDefaultHardware(t *testing.T) {
	if got, err := DefaultHardware(); err == nil {
		t.Errorf("%s, and there is no default route", got)
	}
	p := newPeer(t)
	for name, address := range map[string]string{"eth0": "52:54:00:00:00:01", "eth1": "52:54:00:00:00:02"} {
		hardware, err := net.ParseMAC(address)
		check(t, err)
		check(t, netlink.LinkSetHardwareAddr(p.cable(name), hardware))
	}
	m, _ := newManager(t)
	iface(t, m, "eth0,address=192.0.2.7/24,address=2001:db8::7/64,gateway=fe80::1,route=10.0.0.0/8:192.0.2.1")
	wantHardware(t, "52:54:00:00:00:01")
	iface(t, m, "eth1,address=198.51.100.7/24,gateway=198.51.100.1")
	wantHardware(t, "52:54:00:00:00:02")
}

func wantHardware(t *testing.T, want string) {
	t.Helper()
	got, err := DefaultHardware()
	check(t, err)
	if got.String() != want {
		t.Errorf("the default route's interface is %s, want %s", got, want)
	}
}
