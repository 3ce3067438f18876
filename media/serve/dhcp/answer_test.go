package dhcp

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/test/bound"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"
)

var (
	mac  = net.HardwareAddr{0x52, 0x54, 0, 0x12, 0x34, 0x56}
	id   = []byte{0, 0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	name = "52-54-00-12-34-56_00112233-4455-6677-8899-aabbccddeeff"
)

// server returns one that has these files, and a log of what it says.
func server(full bool, files ...string) (*Server, *[]string) {
	log := new([]string)
	s := &Server{Address: netip.MustParseAddr("10.0.0.1"), Web: &url.URL{Scheme: "http", Host: "10.0.0.1", Path: "/"},
		Has: func(file string) bool { return slices.Contains(files, file) },
		Log: func(line string) { *log = append(*log, line) }}
	if full {
		s.Pool = NewPool(s.Address, netip.MustParsePrefix("10.0.0.1/24"))
	}
	return s, log
}

// discover returns the first message of a firmware.
func discover(t *testing.T, class string, arch iana.Arch, more ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
	t.Helper()
	m, err := dhcpv4.NewDiscovery(mac, append([]dhcpv4.Modifier{
		dhcpv4.WithOption(dhcpv4.OptClassIdentifier(class)),
		dhcpv4.WithOption(dhcpv4.OptClientArch(arch)),
		dhcpv4.WithGeneric(dhcpv4.OptionClientMachineIdentifier, id),
	}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ask returns the answer, or nil.
func ask(t *testing.T, s *Server, m *dhcpv4.DHCPv4, port int) *dhcpv4.DHCPv4 {
	t.Helper()
	packet, _ := s.Answer(m.ToBytes(), &net.UDPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 1068}, port)
	if packet == nil {
		return nil
	}
	answer, err := dhcpv4.FromBytes(packet)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// Each kind of firmware is told what it boots, in the step in which it takes it.
func TestBootfiles(t *testing.T) {
	all := []string{"boot.ipxe", "ipxe/undionly.kpxe", "ipxe/snponly.amd64.efi",
		"machines/" + name + ".amd64.efi", "machines/" + name + ".arm64.efi"}
	ipxe := dhcpv4.WithUserClass("iPXE", false)
	for _, tt := range []struct {
		what, class         string
		arch                iana.Arch
		more                []dhcpv4.Modifier
		offer, second, full string // beside another server, and at the port of PXE's second step; as the only one
	}{
		{"BIOS", "PXEClient:Arch:00000:UNDI:002001", iana.INTEL_X86PC, nil, "ipxe/undionly.kpxe", "ipxe/undionly.kpxe", "ipxe/undionly.kpxe"},
		{"UEFI", "PXEClient:Arch:00007:UNDI:003016", iana.EFI_X86_64, nil, "", "ipxe/snponly.amd64.efi", "ipxe/snponly.amd64.efi"},
		{"UEFI as EBC", "PXEClient:Arch:00009:UNDI:003016", iana.EFI_BC, nil, "", "ipxe/snponly.amd64.efi", "ipxe/snponly.amd64.efi"},
		{"UEFI, arm64", "PXEClient:Arch:00011:UNDI:003016", iana.EFI_ARM64, nil, "", "machines/" + name + ".arm64.efi", "machines/" + name + ".arm64.efi"},
		{"HTTP boot", "HTTPClient:Arch:00016:UNDI:003001", iana.EFI_X86_64_HTTP, nil,
			"http://10.0.0.1/machines/" + name + ".amd64.efi", "http://10.0.0.1/machines/" + name + ".amd64.efi", "http://10.0.0.1/machines/" + name + ".amd64.efi"},
		{"iPXE, BIOS", "PXEClient:Arch:00000:UNDI:002001", iana.INTEL_X86PC, []dhcpv4.Modifier{ipxe},
			"http://10.0.0.1/boot.ipxe", "http://10.0.0.1/boot.ipxe", "http://10.0.0.1/boot.ipxe"},
		{"iPXE, UEFI", "PXEClient:Arch:00007:UNDI:003010", iana.EFI_X86_64, []dhcpv4.Modifier{ipxe},
			"http://10.0.0.1/boot.ipxe", "http://10.0.0.1/boot.ipxe", "http://10.0.0.1/boot.ipxe"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			proxy, _ := server(false, all...)
			full, _ := server(true, all...)
			m := discover(t, tt.class, tt.arch, tt.more...)
			for _, step := range []struct {
				name   string
				answer *dhcpv4.DHCPv4
				want   string
				kind   dhcpv4.MessageType
			}{
				{"offer", ask(t, proxy, m, serverPort), tt.offer, dhcpv4.MessageTypeOffer},
				{"second step", ask(t, proxy, m, binlPort), tt.second, dhcpv4.MessageTypeAck},
				{"only server", ask(t, full, m, serverPort), tt.full, dhcpv4.MessageTypeOffer},
			} {
				if step.answer == nil {
					t.Fatalf("%s: no answer", step.name)
				}
				class, _, _ := strings.Cut(tt.class, ":")
				if step.answer.BootFileNameOption() != step.want || step.answer.BootFileName != step.want {
					t.Errorf("%s: boots %q, %q, want %q", step.name, step.answer.BootFileNameOption(), step.answer.BootFileName, step.want)
				}
				if step.answer.ClassIdentifier() != class || step.answer.MessageType() != step.kind ||
					!slices.Equal(step.answer.Options.Get(dhcpv4.OptionClientMachineIdentifier), id) {
					t.Errorf("%s: %s", step.name, step.answer.Summary())
				}
				if given := !step.answer.YourIPAddr.IsUnspecified(); given != (step.name == "only server") {
					t.Errorf("%s: the client's address is %s", step.name, step.answer.YourIPAddr)
				}
			}
		})
	}
}

// What is not there is said by name, and whoever does not boot gets no answer beside another server.
func TestWithoutBootfile(t *testing.T) {
	for _, tt := range []struct {
		class string
		arch  iana.Arch
		log   string
	}{
		{"PXEClient:Arch:00011:UNDI:003016", iana.EFI_ARM64, "PXE of UEFI, arm64, wants ipxe/snponly.arm64.efi, which is not here"},
		{"PXEClient:Arch:00006:UNDI:003016", iana.EFI_IA32, "PXE of EFI IA32 wants a boot loader, and there is none for its architecture"},
		{"HTTPClient:Arch:00018:UNDI:003016", iana.EFI_ARM32_HTTP, "wants a boot loader, and there is none for its architecture"},
		{"MSFT 5.0", iana.INTEL_X86PC, ""},
	} {
		s, log := server(false, "ipxe/undionly.kpxe")
		if answer := ask(t, s, discover(t, tt.class, tt.arch), serverPort); answer != nil {
			t.Errorf("%s: %s", tt.class, answer.Summary())
		}
		if got := strings.Join(*log, "\n"); !strings.Contains(got, tt.log) || tt.log == "" && got != "" {
			t.Errorf("%s: the log has %q, want %q", tt.class, got, tt.log)
		}
	}
}

func TestRaspberry(t *testing.T) {
	s, _ := server(false)
	m := discover(t, "PXEClient:Arch:00000:UNDI:002001", iana.INTEL_X86PC, dhcpv4.WithHwAddr(net.HardwareAddr{0xdc, 0xa6, 0x32, 1, 2, 3}))
	answer := ask(t, s, m, serverPort)
	if answer == nil || !strings.Contains(string(answer.Options.Get(dhcpv4.OptionVendorSpecificInformation)), "Raspberry Pi Boot") ||
		!answer.ServerIPAddr.Equal(net.IPv4(10, 0, 0, 1)) || answer.BootFileName != "" {
		t.Errorf("%v", answer)
	}
}

// request returns what a client sends after an offer, or on a boot that remembers an address.
func request(t *testing.T, client net.HardwareAddr, address net.IP, kind dhcpv4.MessageType, more ...dhcpv4.Modifier) *dhcpv4.DHCPv4 {
	t.Helper()
	m, err := dhcpv4.New(append([]dhcpv4.Modifier{dhcpv4.WithHwAddr(client), dhcpv4.WithMessageType(kind),
		dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(address))}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAddresses(t *testing.T) {
	s, log := server(true)
	s.Pool = NewPool(s.Address, netip.MustParsePrefix("10.0.0.1/29")) // five, besides the server's
	client := func(i byte) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, 0, i} }
	seen := make(map[string]bool)
	for i := range byte(5) {
		m, _ := dhcpv4.NewDiscovery(client(i))
		offer := ask(t, s, m, serverPort)
		if offer == nil {
			t.Fatalf("client %d: no offer", i)
		}
		ack := ask(t, s, request(t, client(i), offer.YourIPAddr, dhcpv4.MessageTypeRequest), serverPort)
		if ack == nil || ack.MessageType() != dhcpv4.MessageTypeAck || !ack.YourIPAddr.Equal(offer.YourIPAddr) || seen[ack.YourIPAddr.String()] ||
			!slices.Equal(ack.SubnetMask(), net.CIDRMask(29, 32)) || ack.IPAddressLeaseTime(0) != leaseTime {
			t.Fatalf("client %d: %v", i, ack)
		}
		seen[ack.YourIPAddr.String()] = true
	}
	m, _ := dhcpv4.NewDiscovery(client(9))
	if answer := ask(t, s, m, serverPort); answer != nil || !strings.HasSuffix((*log)[len(*log)-1], "wants an address, and all 5 are given") {
		t.Errorf("a sixth client: %v, %q", answer, *log)
	}
	if nak := ask(t, s, request(t, client(9), net.IPv4(192, 168, 1, 5), dhcpv4.MessageTypeRequest), serverPort); nak == nil || nak.MessageType() != dhcpv4.MessageTypeNak {
		t.Errorf("an address of another network: %v", nak)
	}
	other := request(t, client(0), net.IPv4(10, 0, 0, 2), dhcpv4.MessageTypeRequest, dhcpv4.WithOption(dhcpv4.OptServerIdentifier(net.IPv4(10, 0, 0, 99))))
	if answer := ask(t, s, other, serverPort); answer != nil {
		t.Errorf("another server's offer was taken: %v", answer)
	}
	if offer := ask(t, s, m, serverPort); offer == nil { // the former client's
		t.Error("an address that was released is not given")
	}
}

func TestPoolKeepsAddresses(t *testing.T) {
	network := netip.MustParsePrefix("10.0.0.1/24")
	first, _ := NewPool(network.Addr(), network).Offer("machine", netip.Addr{})
	again, _ := NewPool(network.Addr(), network).Offer("machine", netip.Addr{})
	if first != again {
		t.Errorf("%s, and after a new start %s", first, again)
	}
	p := NewPool(network.Addr(), network)
	p.Offer("other", first)
	if second, ok := p.Offer("machine", netip.Addr{}); !ok || second == first {
		t.Errorf("%s is given twice", second)
	}
	if _, ok := NewPool(network.Addr(), netip.MustParsePrefix("10.0.0.1/32")).Offer("machine", netip.Addr{}); ok {
		t.Error("a network of one address has another")
	}
}

// Whoever asks with one made-up hardware address after the other takes no address from a machine.
func TestPoolOutlastsMadeUpMachines(t *testing.T) {
	network := netip.MustParsePrefix("10.0.0.1/24")
	p := NewPool(network.Addr(), network)
	kept, _ := p.Offer("kept", netip.Addr{})
	if _, ok := p.Take("kept", kept); !ok {
		t.Fatal("an offer cannot be taken")
	}
	offered, _ := p.Offer("slow", netip.Addr{})
	for i := range 10_000 {
		if _, ok := p.Offer(fmt.Sprint("made up ", i), netip.Addr{}); !ok {
			t.Fatalf("nothing is offered to the machine behind %d others", i)
		}
	}
	if again, _ := p.Offer("kept", netip.Addr{}); again != kept {
		t.Errorf("who has %s is offered %s", kept, again)
	}
	if _, ok := p.Take("slow", offered); !ok {
		t.Errorf("%s, which was offered long ago and nobody has, cannot be taken", offered)
	}
	if _, ok := p.Take("thief", kept); ok {
		t.Errorf("%s is given twice", kept)
	}
}

// A client that asks without end is not answered without end, and another one is.
func TestRates(t *testing.T) {
	var r rates
	begin, answers := time.Now(), 0
	for range 100_000 {
		if r.allow("a", mostAnswers) {
			answers++
		}
	}
	if seconds := int(time.Since(begin).Seconds()) + 2; answers < mostAnswers || answers > seconds*mostAnswers {
		t.Errorf("%d answers in %d seconds", answers, seconds)
	}
	if !r.allow("b", mostAnswers) {
		t.Error("another client is not answered")
	}
}

// A host that has an address is one sender whatever it writes, and a relay's clients are answered through it.
func TestSender(t *testing.T) {
	first, second := net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}
	none, one := net.IPv4zero, net.IPv4(10, 0, 0, 9)
	for _, tt := range []struct {
		hardware net.HardwareAddr
		from     net.IP
		more     dhcpv4.Modifier
		name     string
		most     int
	}{
		{first, none, dhcpv4.WithBroadcast(true), string(first), mostAnswers},
		{second, none, dhcpv4.WithBroadcast(true), string(second), mostAnswers},
		{second, none, dhcpv4.WithRelay(one), string(second), mostAnswers},
		{first, one, dhcpv4.WithBroadcast(true), "10.0.0.9", mostAnswers},
		{second, one, dhcpv4.WithBroadcast(true), "10.0.0.9", mostAnswers},
		{first, one, dhcpv4.WithRelay(net.IPv4(10, 9, 0, 1)), "10.0.0.9", mostRelayed},
	} {
		m, err := dhcpv4.NewDiscovery(tt.hardware, tt.more)
		if err != nil {
			t.Fatal(err)
		}
		name, most := sender(m.ToBytes(), &net.UDPAddr{IP: tt.from, Port: clientPort})
		if name != tt.name || most != tt.most {
			t.Errorf("%v from %v is %q, %d times a second; want %q, %d times", m.Summary(), tt.from, name, most, tt.name, tt.most)
		}
	}
}

func TestWay(t *testing.T) {
	s, _ := server(false, "boot.ipxe")
	from := &net.UDPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 4011}
	for _, tt := range []struct {
		port int
		more dhcpv4.Modifier
		want string
	}{
		{serverPort, dhcpv4.WithBroadcast(false), "255.255.255.255:68"},
		{serverPort, dhcpv4.WithRelay(net.IPv4(10, 9, 0, 1)), "10.9.0.1:67"},
		{serverPort, dhcpv4.WithClientIP(net.IPv4(10, 0, 0, 9)), "10.0.0.9:68"},
		{serverPort, dhcpv4.WithClientIP(net.IPv4(113, 0, 0, 0)), "255.255.255.255:68"}, // it sends from another one
		{binlPort, dhcpv4.WithClientIP(net.IPv4(10, 0, 0, 9)), "10.0.0.9:4011"},
	} {
		m := discover(t, "PXEClient", iana.INTEL_X86PC, dhcpv4.WithUserClass("iPXE", false), tt.more)
		if _, to := s.Answer(m.ToBytes(), from, tt.port); fmt.Sprint(to) != tt.want {
			t.Errorf("to %v, want %s", to, tt.want)
		}
	}
}

// Whatever comes, a server goes on, and what it says can be read.
func FuzzAnswer(f *testing.F) {
	for _, class := range []string{"PXEClient:Arch:00000:UNDI:002001", "HTTPClient:Arch:00016", "MSFT 5.0"} {
		m, err := dhcpv4.NewDiscovery(mac, dhcpv4.WithOption(dhcpv4.OptClassIdentifier(class)), dhcpv4.WithOption(dhcpv4.OptClientArch(iana.EFI_X86_64)),
			dhcpv4.WithGeneric(dhcpv4.OptionClientMachineIdentifier, id), dhcpv4.WithUserClass("iPXE", true))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(m.ToBytes(), true, uint16(serverPort))
		m.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeRequest))
		f.Add(m.ToBytes(), false, uint16(binlPort))
	}
	f.Fuzz(func(t *testing.T, packet []byte, full bool, port uint16) {
		bound.Input(t, len(packet))
		s, log := server(full, "boot.ipxe", "ipxe/undionly.kpxe", "ipxe/snponly.amd64.efi")
		answer, to := s.Answer(packet, &net.UDPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 68}, int(port))
		if (answer == nil) != (to == nil) {
			t.Errorf("answer %x to %v", answer, to)
		}
		if answer != nil {
			if _, err := dhcpv4.FromBytes(answer); err != nil {
				t.Error(err)
			}
		}
		for _, line := range *log {
			if strings.ContainsAny(line, "\n\x1b") {
				t.Errorf("a line of the log: %q", line)
			}
		}
	})
}
