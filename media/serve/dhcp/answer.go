// Package dhcp tells machines that boot from the network what to start: beside a network's DHCP
// server (PXE 2.1, section 2.2.5, "proxyDHCP"), or as its only one (RFC 2131).
package dhcp

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"bootrc/kit/foreign"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// Server is a netboot server's DHCP.
type Server struct {
	Address netip.Addr // where this machine serves
	Web     *url.URL   // of its files, over HTTP
	Has     func(file string) bool
	Log     func(line string)
	Pool    *Pool // of addresses to give; nil: another server gives them

	Router bool         // this machine leads the others on
	Names  []netip.Addr // DNS servers, where it does
}

// ports of DHCP, and of the second step of PXE.
const (
	serverPort = 67
	clientPort = 68
	binlPort   = 4011
)

// Answer returns the answer to a packet that came to a port, and where it goes; nil where there is
// nothing to say.
func (s *Server) Answer(packet []byte, from *net.UDPAddr, port int) (answer []byte, to *net.UDPAddr) {
	request, err := dhcpv4.FromBytes(packet)
	if err != nil || request.OpCode != dhcpv4.OpcodeBootRequest || len(request.ClientHWAddr) != 6 {
		return nil, nil
	}
	c := read(request)
	reply, err := dhcpv4.NewReplyFromRequest(request)
	if err != nil {
		return nil, nil
	}
	reply.ServerIPAddr = s.Address.AsSlice()
	reply.UpdateOption(dhcpv4.OptServerIdentifier(s.Address.AsSlice()))
	if !s.say(request, reply, c, port) {
		return nil, nil
	}
	return reply.ToBytes(), s.way(request, reply, from, port)
}

// say fills in the reply, and tells whether there is something to say.
func (s *Server) say(request, reply *dhcpv4.DHCPv4, c client, port int) bool {
	switch {
	case port == binlPort:
		reply.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeAck))
		return s.name(request, reply, c, true)
	case s.Pool != nil:
		return s.give(request, reply, c)
	case request.MessageType() == dhcpv4.MessageTypeDiscover:
		reply.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeOffer))
		return s.name(request, reply, c, false)
	}
	return false
}

// name names to the client what it boots, and tells whether it boots at all. Firmware of UEFI
// asks once more at the port of PXE's second step, where not all of it takes the name before: only
// that, final, and who has no such step gets it.
func (s *Server) name(request, reply *dhcpv4.DHCPv4, c client, final bool) bool {
	if c.wants == anAddress {
		return false
	}
	class := pxeClass
	if c.wants == byHTTP {
		class = httpClass
	}
	if id := request.Options.Get(dhcpv4.OptionClientMachineIdentifier); id != nil {
		reply.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionClientMachineIdentifier, id)) // RFC 4578, section 2.3
	}
	reply.UpdateOption(dhcpv4.OptClassIdentifier(class))
	if c.wants == raspberry {
		reply.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionVendorSpecificInformation, raspberryMenu))
		s.log(c, "boots by its own loader, from rpi/")
		return true
	}
	i := slices.IndexFunc(c.files(), s.Has)
	if i < 0 {
		s.log(c, s.lack(c))
		return false
	}
	file := c.bootfile(s.Web, c.files()[i])
	if s.Pool == nil && c.wants == byPXE && c.Arch != 0 && !final {
		return true
	}
	if c.wants == byPXE {
		reply.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionVendorSpecificInformation, noDiscovery))
		reply.UpdateOption(dhcpv4.OptTFTPServerName(s.Address.String()))
	}
	if len(file) < 128 {
		reply.BootFileName = file
	}
	reply.UpdateOption(dhcpv4.OptBootFileName(file))
	if request.MessageType() == dhcpv4.MessageTypeDiscover || final {
		s.log(c, "boots "+file)
	}
	return true
}

// noDiscovery has a client of PXE load the file that is named (PXE 2.1, table 2-1: option 6, bit 3).
var noDiscovery = []byte{6, 1, 8, 255}

// raspberryMenu is the boot menu by which a Raspberry Pi knows its server: options 6, 9 and 10 of PXE
// 2.1, with one entry whose name the firmware looks for.
var raspberryMenu = append(append([]byte{6, 1, 3, 10, 4, 0, 'P', 'X', 'E', 9, 20, 0, 0, 17}, "Raspberry Pi Boot"...), 255)

// lack says what the client wants and is not here.
func (s *Server) lack(c client) string {
	files := c.files()
	if len(files) == 0 {
		return "wants a boot loader, and there is none for its architecture"
	}
	return fmt.Sprintf("wants %s, which is not here", files[0])
}

func (s *Server) log(c client, text string) {
	s.Log(foreign.Line(fmt.Sprintf("%s DHCP: %v %s", c.MAC, c, text)))
}

// give gives an address.
func (s *Server) give(request, reply *dhcpv4.DHCPv4, c client) bool {
	var address netip.Addr
	var ok bool
	kind := dhcpv4.MessageTypeAck
	switch request.MessageType() {
	case dhcpv4.MessageTypeDiscover:
		address, ok = s.Pool.Offer(c.MAC.String(), wish(request))
		kind = dhcpv4.MessageTypeOffer
		if !ok {
			s.Log(fmt.Sprintf("%s DHCP: wants an address, and all %d are given", c.MAC, s.Pool.Size()))
		}
	case dhcpv4.MessageTypeRequest:
		if server := request.ServerIdentifier(); server != nil && !server.Equal(s.Address.AsSlice()) {
			s.Pool.Release(c.MAC.String())
			return false // another server's offer was taken
		}
		if address, ok = s.Pool.Take(c.MAC.String(), wish(request)); !ok {
			s.Log(foreign.Line(fmt.Sprintf("%s DHCP: wants to keep %v, which is not its address here", c.MAC, wish(request))))
			reply.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeNak))
			return true
		}
		s.Log(fmt.Sprintf("%s DHCP: has %s", c.MAC, address))
	case dhcpv4.MessageTypeDecline:
		s.Pool.Decline(c.MAC.String())
		s.Log(foreign.Line(fmt.Sprintf("%s DHCP: %v is somebody else's already", c.MAC, wish(request))))
	case dhcpv4.MessageTypeRelease:
		s.Pool.Release(c.MAC.String())
	case dhcpv4.MessageTypeInform:
		return s.name(request, reply, c, false)
	}
	if !ok {
		return false
	}
	reply.UpdateOption(dhcpv4.OptMessageType(kind))
	reply.YourIPAddr = address.AsSlice()
	s.describe(reply)
	s.name(request, reply, c, false)
	return true
}

// wish is the address that a client would like to have, or has; the zero one if there is none.
func wish(request *dhcpv4.DHCPv4) netip.Addr {
	if wished, ok := netip.AddrFromSlice(request.RequestedIPAddress().To4()); ok {
		return wished
	}
	if has, ok := netip.AddrFromSlice(request.ClientIPAddr.To4()); ok && !has.IsUnspecified() {
		return has
	}
	return netip.Addr{}
}

// describe describes the network.
func (s *Server) describe(reply *dhcpv4.DHCPv4) {
	reply.UpdateOption(dhcpv4.OptSubnetMask(net.CIDRMask(s.Pool.Network.Bits(), 32)))
	reply.UpdateOption(dhcpv4.OptIPAddressLeaseTime(leaseTime))
	if s.Router {
		reply.UpdateOption(dhcpv4.OptRouter(s.Address.AsSlice()))
		var names []net.IP
		for _, name := range s.Names {
			names = append(names, name.AsSlice())
		}
		if len(names) > 0 {
			reply.UpdateOption(dhcpv4.OptDNS(names...))
		}
	}
}

const leaseTime = time.Hour

// way returns where a reply goes (RFC 2131, section 4.1). Whoever has no address yet, or writes one
// that it does not send from, is told by broadcast, which each client takes.
func (s *Server) way(request, reply *dhcpv4.DHCPv4, from *net.UDPAddr, port int) *net.UDPAddr {
	switch {
	case port == binlPort:
		return from
	case !request.GatewayIPAddr.IsUnspecified():
		return &net.UDPAddr{IP: request.GatewayIPAddr, Port: serverPort}
	case !from.IP.IsUnspecified() && from.IP.Equal(request.ClientIPAddr) && reply.MessageType() != dhcpv4.MessageTypeNak:
		return &net.UDPAddr{IP: request.ClientIPAddr, Port: clientPort}
	}
	return &net.UDPAddr{IP: net.IPv4bcast, Port: clientPort}
}
