package dhcpserver

import (
	"bytes"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// Kind is a network with its servers.
type Kind struct {
	Name   string
	Answer Answer
	Want   map[string]string // what a good client has then: see Facts
	Slow   bool              // it takes seconds, or depends on how fast the machine is
	Delay  time.Duration     // before frames are carried, as on a switch with spanning tree
	Late   time.Duration     // before the cable is put in
	Watch  time.Duration     // for which the client is to keep the lease
	Tell   []string          // what the client has to be told to send, as in b2c.dhcp=
}

// Facts of what a client has:
const (
	Lease    = "address"  // ADDRESS/LENGTH
	Gateway  = "gateway"  // the route to everywhere, or "" for none
	Servers  = "dns"      // DNS servers, with blanks between
	Search   = "search"   // domains to search, with blanks between
	MTU      = "mtu"      // in bytes
	Hostname = "hostname" // what the network calls the machine
	Routes   = "routes"   // DESTINATION/LENGTH:ROUTER, sorted, with blanks between
)

// got are the facts of a client of a server that works, and more.
func got(more ...string) map[string]string {
	facts := map[string]string{Lease: "10.77.0.50/24", Gateway: "10.77.0.1", Servers: "10.77.0.3"}
	for pair := range slices.Chunk(more, 2) {
		facts[pair[0]] = pair[1]
	}
	return facts
}

// always answers with changes.
func always(edits ...edit) Answer {
	return func(r Request) []Reply { return one(grant(r, edits...)) }
}

func one(m *dhcpv4.DHCPv4) []Reply { return []Reply{{Message: m.ToBytes()}} }

// raw answers with what is made of a message.
func raw(write func(*dhcpv4.DHCPv4) []byte) Answer {
	return func(r Request) []Reply { return []Reply{{Message: write(grant(r))}} }
}

// when answers requests that fit, and says nothing to others.
func when(fits func(Request) bool) Answer {
	return func(r Request) []Reply {
		if fits(r) {
			return one(grant(r))
		}
		return nil
	}
}

func isDiscover(r Request) bool { return r.Kind() == dhcpv4.MessageTypeDiscover }

// asks tells whether a request is one for what a server has offered.
func asks(r Request, server netip.Addr) bool {
	return !isDiscover(r) && r.ServerIdentifier().Equal(net.IP(server.AsSlice()))
}

// rogue is another server, and what it grants.
var (
	rogue  = netip.MustParseAddr("10.77.0.9")
	theirs = netip.MustParseAddr("10.77.0.99")
)

// padded puts bytes without meaning around each option.
func padded(b []byte) []byte {
	var out []byte
	for len(b) > 1 {
		n := 2 + int(b[1])
		out = append(append(out, 0, 0, 0), b[:n]...)
		b = b[n:]
	}
	return append(out, 0)
}

// Kinds are all kinds of servers.
var Kinds = []Kind{
	{Name: "works", Answer: always(), Want: got()},
	{Name: "answers to the hardware address", Want: got(), Answer: func(r Request) []Reply {
		return []Reply{{Message: grant(r).ToBytes(), Unicast: true}}
	}},
	{Name: "answers only requests for a broadcast", Want: got(), Answer: when(func(r Request) bool { return r.IsBroadcast() })},
	{Name: "answers only requests for a unicast", Want: got(), Answer: when(func(r Request) bool { return r.IsUnicast() })},
	{Name: "answers the third request only", Want: got(), Slow: true, Answer: when(func(r Request) bool { return r.Before >= 2 || !isDiscover(r) })},
	{Name: "answers who has waited for a second", Want: got(), Slow: true, Answer: when(func(r Request) bool { return r.NumSeconds > 0 || !isDiscover(r) })},
	{Name: "loses every second message", Want: got(), Answer: when(func(r Request) bool { return r.Before%2 == 1 })},
	{Name: "answers twice", Want: got(), Answer: func(r Request) []Reply { return append(one(grant(r)), one(grant(r))...) }},
	{Name: "offers after 3 s", Want: got(), Slow: true, Answer: func(r Request) []Reply {
		return []Reply{{Message: grant(r).ToBytes(), After: 3 * time.Second}}
	}},
	{Name: "acknowledges after 6 s", Want: got(), Slow: true, Answer: func(r Request) []Reply {
		if isDiscover(r) {
			return one(grant(r))
		}
		return []Reply{{Message: grant(r).ToBytes(), After: 6 * time.Second}}
	}},
	{Name: "the cable is put in after 3 s", Want: got(), Slow: true, Answer: always(), Late: 3 * time.Second},
	{Name: "the switch forwards after 6 s", Want: got(), Slow: true, Answer: always(), Delay: 6 * time.Second},
	{Name: "relayed", Want: got(), Answer: func(r Request) []Reply {
		m := grant(r, by(netip.MustParseAddr("198.51.100.1"), Granted), set(82, 1, 3, 'e', 't', 'h'))
		m.GatewayIPAddr, m.HopCount = net.IPv4(10, 77, 0, 254), 1
		return []Reply{{Message: m.ToBytes(), From: netip.MustParseAddr("10.77.0.254")}}
	}},

	{Name: "no option 54, the next server's address", Want: got(), Answer: always(without(54), func(m *dhcpv4.DHCPv4) { m.ServerIPAddr = Address.AsSlice() })},
	{Name: "no option 54, no next server", Want: got(), Answer: always(without(54))},
	{Name: "option 54 is 0.0.0.0", Want: got(), Answer: always(set(54, 0, 0, 0, 0))},
	{Name: "no option 54, and it has to be in the request", Want: got(), Answer: func(r Request) []Reply {
		if !isDiscover(r) && !asks(r, Address) {
			return nil
		}
		return one(grant(r, without(54)))
	}},
	{Name: "no option 54, and it must not be in the request", Want: got(), Answer: func(r Request) []Reply {
		if asks(r, Address) {
			return nil
		}
		return one(grant(r, without(54)))
	}},
	{Name: "option 54 twice", Want: got(), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		return laidOut(m, concat(kindOption(m), basics(), option(54, 10, 77, 0, 1), end), nil, nil)
	})},
	{Name: "acknowledges with another option 54 than it offered with", Want: got(), Answer: func(r Request) []Reply {
		if isDiscover(r) {
			return one(grant(r))
		}
		return one(grant(r, by(rogue, Granted)))
	}},

	{Name: "options in the file field", Want: got(), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		return laidOut(m, concat(kindOption(m), option(52, 1), end), concat(basics(), end), nil)
	})},
	{Name: "options in the sname field", Want: got(), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		return laidOut(m, concat(kindOption(m), option(52, 2), end), nil, concat(basics(), end))
	})},
	{Name: "options in three fields, one in parts", Want: got(Search, "a.test b.test"), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		list := []byte("\x01a\x04test\x00\x01b\xc0\x02")
		return laidOut(m, concat(kindOption(m), option(52, 3), option(119, list[:3]...), basics(), end),
			concat(option(119, list[3:7]...), end), concat(option(119, list[7:]...), end))
	})},
	{Name: "a boot file's name and no overload", Want: got(), Answer: always(func(m *dhcpv4.DHCPv4) {
		m.BootFileName, m.ServerHostName = "\x06\x04\x09\x09\x09\x09", "\x03\x04\x09\x09\x09\x09"
	})},
	{Name: "bytes without meaning between options", Want: got(), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		return laidOut(m, concat(padded(concat(kindOption(m), basics())), end), nil, nil)
	})},
	{Name: "the kind of message last", Want: got(), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		return laidOut(m, concat(basics(), kindOption(m), end), nil, nil)
	})},
	{Name: "no mark at the end", Want: got(), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		return laidOut(m, concat(kindOption(m), basics()), nil, nil)
	})},
	{Name: "the last option cut off", Want: got(), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		return laidOut(m, concat(kindOption(m), basics(), []byte{15, 200, 'a'}), nil, nil)
	})},
	{Name: "1400 bytes", Want: got(), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		return laidOut(m, concat(option(43, make([]byte, 1100)...), kindOption(m), basics(), end), nil, nil)
	})},
	{Name: "no client's address in it", Want: got(), Answer: always(func(m *dhcpv4.DHCPv4) { m.ClientHWAddr = nil })},
	{Name: "rubbish and others' answers first", Want: got(), Answer: func(r Request) []Reply {
		other := grant(r, by(rogue, theirs))
		other.TransactionID[0]++
		own := grant(r).ToBytes()
		return []Reply{{Message: []byte{2, 1, 6}}, {Message: bytes.Repeat([]byte{2}, 300)}, {Message: other.ToBytes()}, {Message: own[:239]}, {Message: own}}
	}},

	{Name: "refuses at first", Want: got(), Answer: func(r Request) []Reply {
		if !isDiscover(r) && r.Before == 0 {
			return one(refuse(r, Address))
		}
		return one(grant(r))
	}},
	{Name: "a quicker server that always refuses", Want: got(), Answer: func(r Request) []Reply {
		switch {
		case isDiscover(r):
			return append(one(grant(r, by(rogue, theirs))), Reply{Message: grant(r).ToBytes(), After: 100 * time.Millisecond})
		case asks(r, rogue):
			return one(refuse(r, rogue))
		}
		return one(grant(r))
	}},
	{Name: "a quicker server that never acknowledges", Want: got(), Slow: true, Answer: func(r Request) []Reply {
		switch {
		case isDiscover(r):
			return append(one(grant(r, by(rogue, theirs))), Reply{Message: grant(r).ToBytes(), After: 100 * time.Millisecond})
		case asks(r, rogue):
			return nil
		}
		return one(grant(r))
	}},
	{Name: "another server refuses what this one offered", Want: got(), Answer: func(r Request) []Reply {
		if isDiscover(r) {
			return one(grant(r))
		}
		return append(one(refuse(r, rogue)), one(grant(r))...)
	}},
	{Name: "another server acknowledges something else", Want: got(), Answer: func(r Request) []Reply {
		if isDiscover(r) {
			return one(grant(r))
		}
		return append(one(grant(r, by(rogue, theirs))), one(grant(r))...)
	}},
	{Name: "a second offer from another server", Want: got(), Answer: func(r Request) []Reply {
		second := grant(r, by(rogue, theirs))
		second.UpdateOption(dhcpv4.OptMessageType(dhcpv4.MessageTypeOffer))
		return append(one(grant(r)), one(second)...)
	}},
	{Name: "64 servers", Want: got(), Answer: func(r Request) []Reply {
		if !isDiscover(r) {
			asked, _ := netip.AddrFromSlice(r.ServerIdentifier().To4())
			return one(grant(r, by(asked, Granted)))
		}
		var replies []Reply
		for i := range byte(64) {
			replies = append(replies, one(grant(r, by(netip.AddrFrom4([4]byte{10, 77, 1, i + 1}), Granted)))...)
		}
		return replies
	}},
	{Name: "an offer that cannot be meant first", Want: got(), Answer: func(r Request) []Reply {
		if isDiscover(r) {
			return append(one(grant(r, by(rogue, netip.AddrFrom4([4]byte{255, 255, 255, 255})))), one(grant(r))...)
		}
		return one(grant(r))
	}},

	{Name: "no time of the lease", Want: got(), Answer: always(without(51))},
	{Name: "a lease of 0 s", Want: got(), Answer: always(set(51, 0, 0, 0, 0))},
	{Name: "a lease for ever", Want: got(), Answer: always(set(51, 255, 255, 255, 255))},
	{Name: "a lease of 4 s, renewed", Want: got(), Slow: true, Watch: 9 * time.Second, Answer: always(set(51, 0, 0, 0, 4))},
	{Name: "a lease of 8 s, extended only by a broadcast", Want: got(), Slow: true, Watch: 14 * time.Second, Answer: func(r Request) []Reply {
		if r.Renewal && !r.Broadcast {
			return nil
		}
		return one(grant(r, set(51, 0, 0, 0, 8)))
	}},
	{Name: "times to renew that are later than the end", Want: got(), Answer: always(set(58, 0, 1, 0, 0), set(59, 0, 0, 1, 0))},

	{Name: "no netmask", Want: got(Lease, "10.77.0.50/8"), Answer: always(without(1))},
	{Name: "two routers", Want: got(), Answer: always(set(3, 10, 77, 0, 1, 10, 77, 0, 2))},
	{Name: "half an address behind the DNS server's", Want: got(), Answer: always(set(6, 10, 77, 0, 3, 10, 77))},
	{Name: "classless routes, and a router that counts no more", Want: got(Gateway, "", Routes, "192.0.2.0/24:10.77.0.9"),
		Answer: always(set(121, 24, 192, 0, 2, 10, 77, 0, 9))},
	{Name: "a classless route to everywhere", Want: got(Gateway, "10.77.0.9", Routes, "192.0.2.0/24:10.77.0.9"),
		Answer: always(set(121, 0, 10, 77, 0, 9, 24, 192, 0, 2, 10, 77, 0, 9))},
	{Name: "classless routes by Microsoft's number", Want: got(Gateway, "", Routes, "192.0.2.0/24:10.77.0.9"),
		Answer: always(set(249, 24, 192, 0, 2, 10, 77, 0, 9))},
	{Name: "a search list with pointers to pointers", Want: got(Search, "a.b.test b.test c.b.test"),
		Answer: always(set(119, []byte("\x01a\x01b\x04test\x00\xc0\x02\x01c\xc0\x0a")...))},
	{Name: "a search list in two parts", Want: got(Search, "a.test b.test"), Answer: raw(func(m *dhcpv4.DHCPv4) []byte {
		return laidOut(m, concat(kindOption(m), option(119, []byte("\x01a\x04te")...), basics(), option(119, []byte("st\x00\x01b\xc0\x02")...), end), nil, nil)
	})},
	{Name: "a domain that ends with a zero", Want: got(Search, "a.test"), Answer: always(set(15, []byte("a.test\x00")...))},
	{Name: "a domain with a command in it", Want: got(Search, ""), Answer: always(set(15, []byte("$(reboot);a")...))},
	{Name: "a hostname", Want: got(Hostname, "dut-7"), Answer: always(set(12, []byte("dut-7")...))},
	{Name: "an MTU", Want: got(MTU, "1400"), Answer: always(set(26, 5, 120))},
	{Name: "an MTU of 68", Want: got(MTU, "1500"), Answer: always(set(26, 0, 68))},

	{Name: "answers a vendor class only", Want: got(), Tell: []string{"vendor-class=Boot"}, Answer: when(func(r Request) bool { return r.ClassIdentifier() == "Boot" })},
	{Name: "answers a user class only", Want: got(), Tell: []string{"user-class=farm"}, Answer: when(func(r Request) bool {
		return bytes.Contains(r.Options.Get(dhcpv4.OptionUserClassInformation), []byte("farm"))
	})},
	{Name: "answers a client's identifier only", Want: got(), Tell: []string{"client-id=00:64:75:74"}, Answer: when(func(r Request) bool {
		return bytes.Equal(r.Options.Get(dhcpv4.OptionClientIdentifier), []byte("\x00dut"))
	})},
	{Name: "answers a name only", Want: got(), Tell: []string{"hostname=dut-7"}, Answer: when(func(r Request) bool { return r.HostName() == "dut-7" })},
}
