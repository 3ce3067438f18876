package nameserver

import (
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// Host is the one name that the servers know, with its two addresses. It is in the domain Search.
const (
	Host   = "host.search.test."
	Search = "search.test"
	IPv4   = "192.0.2.1"
	IPv6   = "2001:db8::1"
)

// edit changes an answer before it is sent.
type edit func(*dnsmessage.Message)

// right is the answer of a server that works, with changes.
func right(q Query, edits ...edit) []byte {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.ID, Response: true, RecursionDesired: q.RecursionDesired, RecursionAvailable: true},
		Questions: q.Questions,
	}
	if strings.EqualFold(q.Name(), Host) {
		m.Answers = addresses(q.Questions[0].Name, q.Kind(), 1)
	} else {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, e := range edits {
		e(&m)
	}
	packed, err := m.Pack()
	if err != nil {
		panic(err) // a mistake in the table of kinds
	}
	return packed
}

// addresses are those of a host, of one kind: its own, and more in the same networks.
func addresses(name dnsmessage.Name, kind dnsmessage.Type, count int) []dnsmessage.Resource {
	var list []dnsmessage.Resource
	header := dnsmessage.ResourceHeader{Name: name, Type: kind, Class: dnsmessage.ClassINET, TTL: 60}
	v4, v6 := netip.MustParseAddr(IPv4), netip.MustParseAddr(IPv6)
	for range count {
		switch kind {
		case dnsmessage.TypeA:
			list = append(list, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: v4.As4()}})
		case dnsmessage.TypeAAAA:
			list = append(list, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: v6.As16()}})
		}
		v4, v6 = v4.Next(), v6.Next()
	}
	return list
}

// failing answers with an error and nothing else.
func failing(code dnsmessage.RCode) edit {
	return func(m *dnsmessage.Message) { m.RCode, m.Answers = code, nil }
}

// truncatedTo leaves so many answers, and says so.
func truncatedTo(count int) edit {
	return func(m *dnsmessage.Message) {
		m.Truncated = true
		m.Answers = m.Answers[:min(count, len(m.Answers))]
	}
}

// grown gives the host more addresses of the kind that is asked for.
func grown(count int) edit {
	return func(m *dnsmessage.Message) {
		if len(m.Answers) > 0 {
			m.Answers = addresses(m.Answers[0].Header.Name, m.Answers[0].Header.Type, count)
		}
	}
}

// aliased puts a chain of aliases before the addresses.
func aliased(count int) edit {
	return func(m *dnsmessage.Message) {
		name := m.Questions[0].Name
		var chain []dnsmessage.Resource
		for i := range count {
			target := dnsmessage.MustNewName("alias" + string(rune('a'+i)) + ".search.test.")
			chain = append(chain, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: name, Type: dnsmessage.TypeCNAME, Class: dnsmessage.ClassINET, TTL: 60},
				Body:   &dnsmessage.CNAMEResource{CNAME: target},
			})
			name = target
		}
		for i := range m.Answers {
			m.Answers[i].Header.Name = name
		}
		m.Answers = append(chain, m.Answers...)
	}
}

// withoutQuestion is a header alone, as servers send that do not understand a query.
func withoutQuestion(m *dnsmessage.Message) { m.Questions, m.Answers = nil, nil }

// extended adds the record of EDNS0.
func extended(m *dnsmessage.Message) {
	var h dnsmessage.ResourceHeader
	if err := h.SetEDNS0(1232, dnsmessage.RCodeSuccess, false); err != nil {
		panic(err)
	}
	m.Additionals = append(m.Additionals, dnsmessage.Resource{Header: h, Body: &dnsmessage.OPTResource{}})
}

// upper writes the question's and the answers' names in capital letters.
func upper(m *dnsmessage.Message) {
	name := dnsmessage.MustNewName(strings.ToUpper(m.Questions[0].Name.String()))
	m.Questions = []dnsmessage.Question{{Name: name, Type: m.Questions[0].Type, Class: m.Questions[0].Class}}
	for i := range m.Answers {
		m.Answers[i].Header.Name = name
	}
}

// addressOf is the address that a record holds.
func addressOf(r dnsmessage.Resource) string {
	switch body := r.Body.(type) {
	case *dnsmessage.AResource:
		return netip.AddrFrom4(body.A).String()
	case *dnsmessage.AAAAResource:
		return netip.AddrFrom16(body.AAAA).String()
	}
	return ""
}
