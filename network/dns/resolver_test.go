package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sys/unix"

	"bootrc/test/bound"
	"bootrc/test/nameserver"
	"bootrc/test/namespace"
)

func TestMain(m *testing.M) { namespace.Main(m) }

// prepare makes every address of 10.53.0.0/16 this machine's, and a resolv.conf.
var prepare = sync.OnceValue(func() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return err
	}
	own := netip.MustParsePrefix("10.53.0.0/16")
	err = netlink.RouteAdd(&netlink.Route{LinkIndex: lo.Attrs().Index, Type: unix.RTN_LOCAL, Table: unix.RT_TABLE_LOCAL, Scope: netlink.SCOPE_HOST,
		Dst: &net.IPNet{IP: own.Addr().AsSlice(), Mask: net.CIDRMask(own.Bits(), 32)}})
	if err != nil {
		return err
	}
	conf := filepath.Join(os.TempDir(), fmt.Sprintf("resolv.conf-%d", os.Getpid()))
	if err := os.WriteFile(conf, []byte("search nowhere.test "+nameserver.Search+"\nnameserver 10.53.255.1\n"), 0o644); err != nil {
		return err
	}
	defer os.Remove(conf)
	return unix.Mount(conf, "/etc/resolv.conf", "", unix.MS_BIND, "")
})

// serve runs servers in a network of their own, and returns a client that knows them.
func serve(t *testing.T, network int, servers ...nameserver.Server) (*client, []*nameserver.Running) {
	t.Helper()
	check(t, prepare())
	var addresses []string
	var running []*nameserver.Running
	for i, s := range servers {
		address := fmt.Sprintf("10.53.%d.%d:53", network, i+1)
		r, err := nameserver.Run(t.Context(), address, s)
		check(t, err)
		addresses, running = append(addresses, address), append(running, r)
	}
	return newClient(func() []string { return addresses }), running
}

// Whatever the servers are like, what they know is found, by a name that the search list completes.
func TestKinds(t *testing.T) {
	for i, kind := range nameserver.Kinds {
		if kind.Slow {
			continue // for the bench
		}
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			c, _ := serve(t, i, kind.Servers...)
			found, err := c.resolver().LookupNetIP(t.Context(), "ip", "host")
			check(t, err)
			if got, want := text(found), sorted(kind.Want); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// A server of better rank that is slower than one that knows no such name is heard.
func TestBetterRankObjects(t *testing.T) {
	asked := make(chan struct{}, 10)
	c, _ := serve(t, 200,
		nameserver.Server{Answer: func(q nameserver.Query) [][]byte {
			<-asked
			return nameserver.Kinds[0].Servers[0].Answer(q)
		}},
		nameserver.Server{Answer: func(q nameserver.Query) [][]byte {
			defer func() { asked <- struct{}{} }()
			return [][]byte{denial(q)}
		}})
	c.times.hold, c.times.other = time.Hour, time.Hour
	found, err := c.resolver().LookupNetIP(t.Context(), "ip", nameserver.Host)
	check(t, err)
	if got, want := text(found), sorted([]string{nameserver.IPv4, nameserver.IPv6}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// But one that says nothing does not keep a name that does not exist for ever.
func TestNoSuchNameIsBelieved(t *testing.T) {
	silent := nameserver.Server{Answer: func(nameserver.Query) [][]byte { return nil }}
	c, _ := serve(t, 201, silent, nameserver.Server{Answer: func(q nameserver.Query) [][]byte { return [][]byte{denial(q)} }})
	_, err := c.resolver().LookupNetIP(t.Context(), "ip", nameserver.Host)
	if failure, ok := errors.AsType[*net.DNSError](err); !ok || !failure.IsNotFound {
		t.Errorf("error %v", err)
	}
}

// A server that said nothing comes last from then on.
func TestSilentServerComesLast(t *testing.T) {
	silent := nameserver.Server{Answer: func(nameserver.Query) [][]byte { return nil }}
	c, running := serve(t, 202, silent, nameserver.Kinds[0].Servers[0])
	c.times.again = 20 * time.Millisecond
	lookUp := func() {
		_, err := c.resolver().LookupNetIP(t.Context(), "ip", nameserver.Host)
		check(t, err)
	}
	lookUp()
	for c.rank(c.servers())[0] != "10.53.202.2:53" {
		time.Sleep(time.Millisecond)
	}
	c.times.stagger = time.Hour
	before := running[0].Packets()
	lookUp()
	if after := running[0].Packets(); after != before {
		t.Errorf("the silent server was asked first: %d packets, then %d", before, after)
	}
}

// A server that leaves one kind of question unanswered is waited for less from then on.
func TestUnansweredKindIsLearnt(t *testing.T) {
	c, _ := serve(t, 203, nameserver.Server{Answer: func(q nameserver.Query) [][]byte {
		if q.Kind() == dnsmessage.TypeAAAA {
			return nil
		}
		return nameserver.Kinds[0].Servers[0].Answer(q)
	}})
	c.times.other = 50 * time.Millisecond
	_, err := c.resolver().LookupNetIP(t.Context(), "ip", nameserver.Host)
	check(t, err)
	if v4, v6 := c.patience(typeA), c.patience(typeAAAA); v4 != c.times.other || v6 != c.times.lesser {
		t.Errorf("patience %v and %v", v4, v6)
	}
}

// When no server answers, the error names them.
func TestNoAnswer(t *testing.T) {
	silent := nameserver.Server{Answer: func(nameserver.Query) [][]byte { return nil }}
	c, running := serve(t, 204, silent, silent)
	q := ask(t, dnsmessage.TypeA)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for running[1].Packets() == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, err := c.exchange(ctx, c.servers(), q, false)
	if got, want := fmt.Sprint(err), "no answer from 10.53.204.1:53, 10.53.204.2:53"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if failure, ok := err.(net.Error); !ok || !failure.Timeout() {
		t.Error("it is no timeout")
	}
}

// The option use-vc of resolv.conf(5) keeps to TCP.
func TestStreamOnly(t *testing.T) {
	s := nameserver.Kinds[0].Servers[0]
	s.NoDatagrams = true
	c, _ := serve(t, 205, s)
	answer, err := c.exchange(t.Context(), c.servers(), ask(t, dnsmessage.TypeA), true)
	check(t, err)
	if verdictOf(answer) != positive {
		t.Errorf("answer %x", answer)
	}
}

// A server that is about to start is waited for.
func TestServerStartsLate(t *testing.T) {
	check(t, prepare())
	c := newClient(func() []string { return []string{"10.53.206.1:53"} })
	go func() {
		time.Sleep(100 * time.Millisecond)
		nameserver.Run(t.Context(), "10.53.206.1:53", nameserver.Kinds[0].Servers[0])
	}()
	answer, err := c.exchange(t.Context(), c.servers(), ask(t, dnsmessage.TypeA), false)
	check(t, err)
	if verdictOf(answer) != positive {
		t.Errorf("answer %x", answer)
	}
}

func TestServers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "resolv.conf")
	check(t, os.WriteFile(path, []byte("# nameserver 9.9.9.9\nsearch a.test\nnameserver 10.0.0.1\nnameserver\n nameserver fe80::1%eth0 \n"), 0o644))
	if got, want := Servers(path), []string{"10.0.0.1:53", "[fe80::1%eth0]:53"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Servers(path + "x"); got != nil {
		t.Errorf("a file that does not exist names %q", got)
	}
}

// Whatever a server sends, no panic, and nothing that is no answer to the question.
func FuzzAnswer(f *testing.F) {
	m, err := parse(ask(f, dnsmessage.TypeA))
	check(f, err)
	f.Add(nameserver.Kinds[0].Servers[0].Answer(m)[0])
	f.Add([]byte{0, 7, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, answer []byte) {
		bound.Input(t, len(answer))
		q, ok := parseQuestion(ask(t, dnsmessage.TypeA))
		if !ok || !q.isFor(answer) {
			return
		}
		verdictOf(answer)
		var header dnsmessage.Parser
		whole := q.whole(answer)
		if h, err := header.Start(whole); err != nil || h.ID != 7 || !h.Response {
			t.Errorf("%x became %x: %v", answer, whole, err)
		}
		if asked, err := header.Question(); err != nil || !strings.EqualFold(asked.Name.String(), nameserver.Host) {
			t.Errorf("%x became %x, a question for %s: %v", answer, whole, asked.Name, err)
		}
	})
}

func denial(q nameserver.Query) []byte {
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: q.ID, Response: true, RecursionAvailable: true, RCode: dnsmessage.RCodeNameError}, Questions: q.Questions}
	packed, _ := m.Pack()
	return packed
}

// ask is a question as Go's resolver sends it.
func ask(t testing.TB, kind dnsmessage.Type) []byte {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 7, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(nameserver.Host), Type: kind, Class: dnsmessage.ClassINET}},
	}
	packed, err := m.Pack()
	check(t, err)
	return packed
}

func parse(m []byte) (q nameserver.Query, err error) { return q, q.Unpack(m) }

func text(addresses []netip.Addr) string {
	var words []string
	for _, a := range addresses {
		words = append(words, a.Unmap().String())
	}
	return sorted(words)
}

func sorted(words []string) string {
	words = slices.Clone(words)
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
