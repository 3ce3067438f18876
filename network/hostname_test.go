package network

import (
	"os"
	"strings"
	"testing"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"golang.org/x/sys/unix"
)

// The network names a machine that has no name, and no other.
func TestNetworkNamesTheMachine(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, test := range []struct{ present, given, want string }{
		{"(none)", "dut-7.farm", "dut-7.farm"},
		{"localhost", "dut-7", "dut-7"},
		{"gateway", "dut-7", "gateway"},
		{"(none)", "", "(none)"},
		{"(none)", long + ".farm", long},
	} {
		t.Run(test.present+" and "+test.given, func(t *testing.T) {
			p := newPeer(t)
			p.cable("eth0")
			p.serve("eth0", func(r *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
				if !r.IsOptionRequested(dhcpv4.OptionHostName) {
					return grant(r, "10.77.0.50")
				}
				return grant(r, "10.77.0.50", dhcpv4.OptHostName(test.given))
			})
			check(t, unix.Sethostname([]byte(test.present)))
			m, _ := newManager(t)
			stdout, stderr, status := run(t.Context(), m, "dhcp eth0")
			if status != 0 || !strings.HasPrefix(stdout, "eth0: 10.77.0.50/24") {
				t.Errorf("status %d, %q, %q", status, stdout, stderr)
			}
			if got, err := os.Hostname(); err != nil || got != test.want {
				t.Errorf("%q called %q by the network became %q (%v), want %q", test.present, test.given, got, err, test.want)
			}
		})
	}
}

// So does an ip= that the kernel has left to us.
func TestIPParamNamesTheMachine(t *testing.T) {
	newPeer(t).cable("eth0")
	check(t, unix.Sethostname([]byte("(none)")))
	m, _ := newManager(t)
	if stdout, stderr, status := run(t.Context(), m, "ipconfig 10.77.0.4:::24:dut-8:eth0:off"); status != 0 {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if got, err := os.Hostname(); err != nil || got != "dut-8" {
		t.Errorf("the machine's name is %q (%v)", got, err)
	}
}
