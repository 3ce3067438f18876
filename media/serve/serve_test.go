package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bootrc/test/example"
	"bootrc/test/lan"
	"bootrc/test/namespace"
	"bootrc/test/tftpclient"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/insomniacslk/dhcp/iana"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { namespace.Main(m) }

const here = "10.77.0.1"

// network makes the tests' network, once for all.
var network = sync.OnceValues(func() (*lan.Host, error) {
	if err := lan.Make(here + "/24"); err != nil {
		return nil, err
	}
	return lan.NewHost("client")
})

// folder returns a small tree to serve, and the client's host.
func folder(t *testing.T) (string, *lan.Host) {
	t.Helper()
	host, err := network()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"ipxe/undionly.kpxe": "loader", "ipxe/snponly.amd64.efi": "program",
		"amd64/vmlinuz": "kernel", "amd64/initramfs": "initramfs", "arguments/default": "console=ttyS0 b2c.run=x"} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, host
}

// dnsmasq runs as the network's DHCP server until the test ends.
func dnsmasq(t *testing.T, arguments ...string) {
	t.Helper()
	program, err := lan.Start(io.Discard, "other", "10.77.0.2/24", append([]string{"dnsmasq", "--keep-in-foreground", "--port=0", "--user=", "--group=",
		"--bind-interfaces", "--leasefile-ro", "--no-ping"}, arguments...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(program.Stop)
}

// serving serves until the test ends.
func serving(t *testing.T, o options) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- o.serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp4", here+":80")
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// client is a kind of firmware, with what boots it.
type client struct {
	name, class string
	arch        iana.Arch
	user        string
	boots       string
}

// firmware are clients.
var firmware = []client{
	{"BIOS", "PXEClient:Arch:00000:UNDI:002001", iana.INTEL_X86PC, "", "ipxe/undionly.kpxe"},
	{"UEFI", "PXEClient:Arch:00007:UNDI:003016", iana.EFI_X86_64, "", "ipxe/snponly.amd64.efi"},
	{"iPXE", "PXEClient:Arch:00000:UNDI:002001", iana.INTEL_X86PC, "iPXE", "http://10.77.0.1/boot.ipxe"},
}

// more are those for which another server has names of its own.
var more = []client{
	{"UEFI as EBC", "PXEClient:Arch:00009:UNDI:003016", iana.EFI_BC, "", "ipxe/snponly.amd64.efi"},
	{"UEFI, arm64", "PXEClient:Arch:00011:UNDI:003016", iana.EFI_ARM64, "", "machines/default.arm64.efi"},
	{"HTTP boot", "HTTPClient:Arch:00016:UNDI:003001", iana.EFI_X86_64_HTTP, "", "http://10.77.0.1/machines/default.amd64.efi"},
	{"HTTP boot, arm64", "HTTPClient:Arch:00019:UNDI:003001", iana.EFI_ARM64_HTTP, "", "http://10.77.0.1/machines/default.arm64.efi"},
	{"iPXE, UEFI", "PXEClient:Arch:00007:UNDI:003010", iana.EFI_X86_64, "iPXE", "http://10.77.0.1/boot.ipxe"},
}

// offer returns the first offer of a server to a firmware.
func offer(t *testing.T, host *lan.Host, server, class string, arch iana.Arch, user string) *dhcpv4.DHCPv4 {
	t.Helper()
	var client *nclient4.Client
	err := host.Do(func() (err error) {
		client, err = nclient4.New(host.Link, nclient4.WithTimeout(3*time.Second), nclient4.WithRetry(20))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	modifiers := []dhcpv4.Modifier{dhcpv4.WithOption(dhcpv4.OptClassIdentifier(class)), dhcpv4.WithOption(dhcpv4.OptClientArch(arch)),
		dhcpv4.WithRequestedOptions(dhcpv4.OptionBootfileName, dhcpv4.OptionTFTPServerName, dhcpv4.OptionClassIdentifier)}
	if user != "" { // with iPXE's own options, by which dnsmasq knows it
		modifiers = append(modifiers, dhcpv4.WithUserClass(user, false), dhcpv4.WithGeneric(dhcpv4.GenericOptionCode(175), []byte{0xb1, 1, 1}))
	}
	discover, err := dhcpv4.NewDiscovery(host.MAC, modifiers...)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.SendAndRead(context.Background(), nclient4.DefaultServers, discover, func(m *dhcpv4.DHCPv4) bool {
		return m.MessageType() == dhcpv4.MessageTypeOffer && m.ServerIdentifier().String() == server
	})
	if err != nil {
		t.Fatalf("%s: %v", class, err)
	}
	return answer
}

// bootfile is what an answer names in either place.
func bootfile(m *dhcpv4.DHCPv4) string {
	if m.BootFileName != "" {
		return m.BootFileName
	}
	return m.BootFileNameOption()
}

// As the only server, this one gives addresses, and files by TFTP and HTTP.
func TestFull(t *testing.T) {
	dir, host := folder(t)
	serving(t, options{folder: dir, link: lan.Bridge, dhcp: "full", port: 80})
	for _, f := range firmware {
		answer := offer(t, host, here, f.class, f.arch, f.user)
		if bootfile(answer) != f.boots || answer.YourIPAddr.IsUnspecified() || !answer.ServerIPAddr.Equal(net.ParseIP(here)) {
			t.Errorf("%s: %s", f.name, answer.Summary())
		}
		if err := host.SetAddress(answer.YourIPAddr.String() + "/24"); err != nil {
			t.Fatal(err)
		}
	}
	err := host.Do(func() error {
		conn, err := net.ListenUDP("udp4", nil)
		if err != nil {
			return err
		}
		defer conn.Close()
		client := tftpclient.Client{Conn: conn, Server: &net.UDPAddr{IP: net.ParseIP(here), Port: 69}}
		content, _, err := client.Get(tftpclient.Request("ipxe/undionly.kpxe"))
		if err == nil && string(content) != "loader" {
			err = fmt.Errorf("%q", content)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	answer, err := http.Get("http://" + here + "/machines/any.ipxe")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if script, _ := io.ReadAll(answer.Body); !bytes.Contains(script, []byte("\nkernel ../${arch}/vmlinuz ")) {
		t.Errorf("%s", script)
	}
}

// Beside another server, this one says what boots, and gives no address.
func TestProxy(t *testing.T) {
	dir, host := folder(t)
	dnsmasq(t, "--conf-file=/dev/null", "--interface=other-", "--dhcp-range=10.77.0.100,10.77.0.199,1h")
	serving(t, options{folder: dir, link: lan.Bridge, dhcp: "proxy", port: 80})
	for _, f := range firmware {
		answer := offer(t, host, here, f.class, f.arch, f.user)
		second := f.name == "UEFI" // which is told in PXE's second step
		if boots := bootfile(answer); boots != f.boots && !second || boots != "" && second || !answer.YourIPAddr.IsUnspecified() {
			t.Errorf("%s: %s", f.name, answer.Summary())
		}
		if other := offer(t, host, "10.77.0.2", f.class, f.arch, f.user); other.YourIPAddr.IsUnspecified() {
			t.Errorf("%s: the other server: %s", f.name, other.Summary())
		}
	}
}

// Nobody gives addresses where somebody else does.
func TestFullBesideAnother(t *testing.T) {
	dir, host := folder(t)
	dnsmasq(t, "--conf-file=/dev/null", "--interface=other-", "--dhcp-range=10.77.0.100,10.77.0.199,1h")
	offer(t, host, "10.77.0.2", "", iana.INTEL_X86PC, "") // it serves
	err := options{folder: dir, link: lan.Bridge, dhcp: "full", port: 80}.serve(context.Background())
	if err == nil || err.Error() != "10.77.0.2 gives addresses on lan already: leave --dhcp full out" {
		t.Error(err)
	}
}

// Whoever calls it wrong, or where it cannot serve, gets one line with the next step.
func TestRefusals(t *testing.T) {
	dir, _ := folder(t)
	for _, tt := range []struct {
		name  string
		udp   int // a port that somebody else has
		tcp   bool
		unfit bool // who calls may not open the ports
		o     options
		want  string
	}{
		{name: "DHCP", udp: 67, want: `port 67 or 4011 of UDP (DHCP): another program has it: stop that, which "ss -lunp" names, or tell it what boots (docs/netboot.md) and add --dhcp none`},
		{name: "PXE", udp: 4011, want: "port 67 or 4011 of UDP (DHCP): another program has it: "},
		{name: "TFTP", udp: 69, want: `port 69 of UDP (TFTP): another program has it: stop that, which "ss -lunp" names`},
		{name: "HTTP", tcp: true, want: "port 80 of TCP (HTTP): another program has it: choose another with --port"},
		{name: "not root", unfit: true, want: "port 80 of TCP (HTTP): only root can open it: start this as root, or install sudo"},
		{name: "not root, without an address", unfit: true, o: options{link: "bare", dhcp: "full"}, want: "bare has no IPv4 address, and only root can give it one: start this as root, or install sudo"},
		{name: "no interface", o: options{link: "eht0"}, want: "interface eht0: Link not found; there are "},
		{name: "no address", o: options{link: "bare"}, want: "bare has no IPv4 address: give it one, or, on a cable without a DHCP server, add --dhcp full"},
		{name: "no default route", o: options{link: "-"}, want: "no interface has a default route: name one with --interface; there are "},
		{name: "port", o: options{port: 65616}, want: "--port 65616: ports are from 1 to 65535"},
		{name: "folder", o: options{folder: dir + "/none"}, want: "open " + dir + "/none: no such file or directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options{folder: cmp.Or(tt.o.folder, dir), link: strings.TrimPrefix(cmp.Or(tt.o.link, lan.Bridge), "-"),
				dhcp: cmp.Or(tt.o.dhcp, "proxy"), port: cmp.Or(tt.o.port, 80), check: true}
			if o.link == "bare" {
				bare(t)
			}
			if tt.udp != 0 {
				conn, err := net.ListenPacket("udp4", fmt.Sprintf("0.0.0.0:%d", tt.udp))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
			}
			if tt.tcp {
				listener, err := net.Listen("tcp4", here+":80")
				if err != nil {
					t.Fatal(err)
				}
				defer listener.Close()
			}
			serve := o.serve
			if tt.unfit {
				serve = unfit(t, serve)
			}
			err := serve(context.Background())
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
	if err := (options{folder: dir, link: lan.Bridge, dhcp: "proxy", port: 80, check: true}).serve(context.Background()); err != nil {
		t.Errorf("where nothing is wrong: %v", err)
	}
}

// bare makes an interface without an address, until the test ends.
func bare(t *testing.T) {
	if err := lan.Tap("bare"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if device, err := netlink.LinkByName("bare"); err == nil {
			netlink.LinkDel(device)
		}
	})
}

// unfit has f called without any of root's capabilities.
func unfit(t *testing.T, f func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		done := make(chan error)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
			none := [2]unix.CapUserData{}
			if err := unix.Capset(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &none[0]); err != nil {
				t.Error(err)
			}
			done <- f(ctx)
		}()
		return <-done
	}
}

// An interface without an address has one for as long as this serves.
func TestEquip(t *testing.T) {
	if _, err := network(); err != nil {
		t.Fatal(err)
	}
	bare(t)
	l, err := findLink("bare", true)
	if err != nil || l.address.String() != "172.31.254.1" || l.network.Bits() != 24 {
		t.Fatal(l, err)
	}
	l.undo()
	if _, err := findLink("bare", false); err == nil {
		t.Error("the address is still there")
	}
}

// The servers that the documentation has examples for tell each firmware what boots it.
func TestDocumentedServers(t *testing.T) {
	for name, start := range map[string]func(t *testing.T, config string){
		"dnsmasq": func(t *testing.T, config string) { dnsmasq(t, "--conf-file="+config, "--interface=other-") },
		"dhcpd": func(t *testing.T, config string) {
			leases := config + ".leases"
			if err := os.WriteFile(leases, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			program, err := lan.Start(io.Discard, "other", "10.77.0.2/24", "/usr/sbin/dhcpd", "-f", "-cf", config, "-lf", leases, "-pf", config+".pid", "other-")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(program.Stop)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, host := folder(t)
			config, err := example.Marked("../../docs/netboot.md", name, "192.168.1.", "10.77.0.", "/srv/netboot", dir)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
				t.Fatal(err)
			}
			start(t, file)
			for _, f := range append(slices.Clip(firmware), more...) {
				answer := offer(t, host, "10.77.0.2", f.class, f.arch, f.user)
				if bootfile(answer) != f.boots || strings.HasPrefix(f.class, "HTTP") && answer.ClassIdentifier() != "HTTPClient" {
					t.Errorf("%s boots %q, want %q: %s", f.name, bootfile(answer), f.boots, answer.Summary())
				}
			}
		})
	}
}
