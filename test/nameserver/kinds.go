package nameserver

import (
	"encoding/binary"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Kind is a network's name servers, in the order of its resolv.conf.
type Kind struct {
	Name    string
	Servers []Server
	Want    []string // addresses that a good client finds of Host
	Slow    bool     // what a client finds depends on how fast the machine is
}

var both = []string{IPv4, IPv6}

// plain answers rightly.
var plain = Server{Answer: func(q Query) [][]byte { return [][]byte{right(q)} }}

// dead says nothing.
var dead = Server{Answer: func(Query) [][]byte { return nil }}

// absent refuses whatever comes.
var absent = Server{NoDatagrams: true, NoStreams: true}

// always answers with changes.
func always(edits ...edit) Server {
	return Server{Answer: func(q Query) [][]byte { return [][]byte{right(q, edits...)} }}
}

// where answers with changes what fits, and else rightly.
func where(fits func(Query) bool, edits ...edit) Server {
	return Server{Answer: func(q Query) [][]byte {
		if fits(q) {
			return [][]byte{right(q, edits...)}
		}
		return [][]byte{right(q)}
	}}
}

// mute says nothing to what fits, and else answers rightly.
func mute(fits func(Query) bool) Server {
	return Server{Answer: func(q Query) [][]byte {
		if fits(q) {
			return nil
		}
		return [][]byte{right(q)}
	}}
}

func isExtended(q Query) bool { return q.Extended }
func isDatagram(q Query) bool { return !q.Stream }
func isFirst(q Query) bool    { return q.Before == 0 }
func isIPv4(q Query) bool     { return q.Kind() == dnsmessage.TypeA }
func isIPv6(q Query) bool     { return q.Kind() == dnsmessage.TypeAAAA }
func isSmall(q Query) bool    { return !q.Stream && !q.Extended }

// one makes a kind of one server.
func one(name string, s Server) Kind { return Kind{Name: name, Servers: []Server{s}, Want: both} }

// several makes a kind of several servers.
func several(name string, s ...Server) Kind { return Kind{Name: name, Servers: s, Want: both} }

// limited makes a kind of which only one address can be found.
func limited(name string, want string, s ...Server) Kind {
	return Kind{Name: name, Servers: s, Want: []string{want}}
}

// withoutStreams refuses TCP.
func withoutStreams(s Server) Server {
	s.NoStreams = true
	return s
}

// Kinds are all kinds of name servers.
var Kinds = []Kind{
	one("works", plain),
	one("knows EDNS0", always(extended)),
	one("EDNS0: FORMERR", where(isExtended, failing(dnsmessage.RCodeFormatError))),
	one("EDNS0: FORMERR, a header alone", where(isExtended, failing(dnsmessage.RCodeFormatError), withoutQuestion)),
	one("EDNS0: NOTIMP", where(isExtended, failing(dnsmessage.RCodeNotImplemented))),
	one("EDNS0: SERVFAIL", where(isExtended, failing(dnsmessage.RCodeServerFailure))),
	one("EDNS0: REFUSED", where(isExtended, failing(dnsmessage.RCodeRefused))),
	one("EDNS0: says nothing", mute(isExtended)),
	one("cut off, whole by TCP", where(isDatagram, truncatedTo(0))),
	one("cut off after an address, whole by TCP", where(isDatagram, truncatedTo(1))),
	one("cut off, TCP refused, whole by EDNS0", withoutStreams(where(isSmall, truncatedTo(0)))),
	one("cut off, TCP says nothing, whole by EDNS0", Server{Answer: func(q Query) [][]byte {
		switch {
		case q.Stream:
			return nil
		case q.Extended:
			return [][]byte{right(q)}
		}
		return [][]byte{right(q, truncatedTo(0))}
	}}),
	one("cut off after an address, TCP refused, EDNS0: FORMERR", withoutStreams(Server{Answer: func(q Query) [][]byte {
		if q.Extended {
			return [][]byte{right(q, failing(dnsmessage.RCodeFormatError))}
		}
		return [][]byte{right(q, truncatedTo(1))}
	}})),
	one("cut off after an address, TCP says nothing", Server{Answer: func(q Query) [][]byte {
		if q.Stream || q.Extended {
			return nil
		}
		return [][]byte{right(q, truncatedTo(1))}
	}}),
	one("cut off by TCP, too", always(truncatedTo(1))),
	one("TCP only, UDP refused", Server{Answer: plain.Answer, NoDatagrams: true}),
	one("TCP only, UDP says nothing", mute(isDatagram)),
	one("UDP only, TCP refused", withoutStreams(plain)),
	limited("AAAA: says nothing", IPv4, mute(isIPv6)),
	limited("AAAA: SERVFAIL", IPv4, where(isIPv6, failing(dnsmessage.RCodeServerFailure))),
	limited("AAAA: NOTIMP", IPv4, where(isIPv6, failing(dnsmessage.RCodeNotImplemented))),
	limited("AAAA: REFUSED", IPv4, where(isIPv6, failing(dnsmessage.RCodeRefused))),
	limited("AAAA: no such name", IPv4, where(isIPv6, failing(dnsmessage.RCodeNameError))),
	limited("AAAA: FORMERR, a header alone", IPv4, where(isIPv6, failing(dnsmessage.RCodeFormatError), withoutQuestion)),
	limited("AAAA: nothing of that kind", IPv4, where(isIPv6, failing(dnsmessage.RCodeSuccess))),
	limited("A: nothing of that kind", IPv6, where(isIPv4, failing(dnsmessage.RCodeSuccess))),
	limited("A: says nothing", IPv6, mute(isIPv4)),
	several("the first says nothing", dead, plain),
	several("the first two say nothing", dead, dead, plain),
	several("the first is absent", absent, plain),
	several("the first: SERVFAIL", always(failing(dnsmessage.RCodeServerFailure)), plain),
	several("the first: REFUSED", always(failing(dnsmessage.RCodeRefused)), plain),
	several("the first: NOTIMP", always(failing(dnsmessage.RCodeNotImplemented)), plain),
	several("the first: FORMERR, a header alone", always(failing(dnsmessage.RCodeFormatError), withoutQuestion), plain),
	several("the first only names other servers", always(failing(dnsmessage.RCodeSuccess), func(m *dnsmessage.Message) { m.RecursionAvailable = false }), plain),
	several("the first says nothing, the second: SERVFAIL", dead, always(failing(dnsmessage.RCodeServerFailure)), plain),
	several("the second says nothing", plain, dead),
	{Name: "the first is slow, and the second knows no such name", Slow: true, Want: both, Servers: []Server{
		{Answer: func(q Query) [][]byte { time.Sleep(300 * time.Millisecond); return [][]byte{right(q)} }},
		always(failing(dnsmessage.RCodeNameError)),
	}},
	one("loses the first query", mute(isFirst)),
	one("SERVFAIL at first", where(isFirst, failing(dnsmessage.RCodeServerFailure))),
	{Name: "takes 1.5 s", Slow: true, Want: both, Servers: []Server{
		{Answer: func(q Query) [][]byte { time.Sleep(1500 * time.Millisecond); return [][]byte{right(q)} }},
	}},
	one("a chain of 8 aliases", always(aliased(8))),
	one("names in capital letters", always(upper)),
	one("neither recursive nor authoritative", always(func(m *dnsmessage.Message) { m.RecursionAvailable = false })),
	one("a forged answer first", Server{Answer: func(q Query) [][]byte {
		forged := right(q, grown(2))
		binary.BigEndian.PutUint16(forged, q.ID+1)
		return [][]byte{forged, right(q)}
	}}),
	one("an answer to another question first", Server{Answer: func(q Query) [][]byte {
		return [][]byte{right(q, grown(2), func(m *dnsmessage.Message) {
			m.Questions = []dnsmessage.Question{{Name: dnsmessage.MustNewName("other.test."), Type: q.Kind(), Class: dnsmessage.ClassINET}}
		}), right(q)}
	}}),
	one("rubbish first", Server{Answer: func(q Query) [][]byte {
		if q.Stream {
			return [][]byte{right(q)}
		}
		return [][]byte{{}, {1, 2, 3}, make([]byte, 600), right(q)}
	}}),
	one("answers twice", Server{Answer: func(q Query) [][]byte { return [][]byte{right(q), right(q)} }}),
	{Name: "100 addresses of a kind, cut off but by TCP", Want: hundred(), Servers: []Server{{Answer: func(q Query) [][]byte {
		if q.Stream {
			return [][]byte{right(q, grown(100))}
		}
		return [][]byte{right(q, truncatedTo(0))}
	}}}},
}

// hundred are the addresses of a host that has a hundred of each kind.
func hundred() []string {
	var list []string
	for _, kind := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
		for _, r := range addresses(dnsmessage.MustNewName(Host), kind, 100) {
			list = append(list, addressOf(r))
		}
	}
	return list
}
