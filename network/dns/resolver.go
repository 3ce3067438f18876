// Package dns carries the questions of Go's resolver (names, search lists, /etc/hosts are its
// own) to name servers as they are in the field: those that know no EDNS0, that answer on one
// of UDP and TCP only, that cut answers off, that say nothing, late, or to one kind of question.
//
// A question goes out without EDNS0 first, as those of glibc and musl do, since every server
// understands it (RFC 1035). An answer that does not fit is fetched by TCP (RFC 7766), where that
// fails with EDNS0 (RFC 6891), and where that fails as much of it is taken as came.
package dns

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"bootrc/kit/order"
)

// client asks a list of name servers, HOST:PORT each, the best first.
type client struct {
	servers func() []string
	times   times

	mu         sync.Mutex
	silent     map[string]time.Time // until when a server that said nothing comes last
	streams    map[string]bool      // servers that answer by TCP only
	pairs      map[string]*pair     // by the name that is asked for
	unanswered map[uint16]bool      // kinds of questions that were left unanswered
}

// times are how long what is waited for. All of it lies within the time that Go's resolver gives
// a question, 5 s unless resolv.conf(5) says otherwise.
type times struct {
	again   time.Duration // before a question is sent again
	stagger time.Duration // before the next server is asked, too
	hold    time.Duration // that servers of better rank have to object to "there is no such name"
	stream  time.Duration // before a server that says nothing by UDP is tried by TCP, and for what TCP may take
	other   time.Duration // for the other kind of address where one kind is known
	lesser  time.Duration // the same, where the last such wait was in vain
	shunned time.Duration // a server that said nothing comes last
}

var usualTimes = times{
	again: time.Second, stagger: 200 * time.Millisecond, hold: 500 * time.Millisecond, stream: 2 * time.Second,
	other: 2 * time.Second, lesser: 300 * time.Millisecond, shunned: time.Minute,
}

// NewResolver returns Go's resolver over the servers that a resolv.conf(5) names at the time
// of each question: a lease may bring others.
func NewResolver(path string) *net.Resolver {
	return newClient(func() []string { return Servers(path) }).resolver()
}

// At returns Go's resolver over one server, HOST:PORT.
func At(server string) *net.Resolver {
	return newClient(func() []string { return []string{server} }).resolver()
}

func newClient(servers func() []string) *client {
	return &client{servers: servers, times: usualTimes, silent: make(map[string]time.Time),
		streams: make(map[string]bool), pairs: make(map[string]*pair), unanswered: make(map[uint16]bool)}
}

func (c *client) resolver() *net.Resolver { return &net.Resolver{PreferGo: true, Dial: c.dial} }

// dial returns what stands for a connection to a server of the resolver's choice. The first
// stands for all; the others are asked once more when that was in vain.
func (c *client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	servers := c.servers()
	again := slices.Index(servers, address) > 0
	if again || len(servers) == 0 {
		servers = []string{address}
	}
	streamOnly := strings.HasPrefix(network, "tcp") // the option use-vc of resolv.conf(5)
	return &conversation{ask: func(question []byte) ([]byte, error) {
		if again {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, c.times.again)
			defer cancel()
		}
		return c.exchange(ctx, c.rank(servers), question, streamOnly)
	}}, nil
}

// rank puts servers that said nothing lately last.
func (c *client) rank(servers []string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	late := func(s string) int {
		if c.silent[s].After(now) {
			return 1
		}
		return 0
	}
	servers = slices.Clone(servers)
	order.By(servers, func(a, b string) int { return late(a) - late(b) })
	return servers
}

// note remembers whether a server said anything.
func (c *client) note(server string, silent bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if silent {
		c.silent[server] = time.Now().Add(c.times.shunned)
	} else {
		delete(c.silent, server)
	}
}

// conversation is a question and its answer, each after its length, as on a TCP connection.
// Go's resolver calls no other methods.
type conversation struct {
	net.Conn
	ask    func(question []byte) ([]byte, error)
	answer bytes.Buffer
}

func (c *conversation) Write(b []byte) (int, error) {
	answer, err := c.ask(b[2:])
	if err != nil {
		return 0, err
	}
	c.answer.Write(binary.BigEndian.AppendUint16(nil, uint16(len(answer))))
	c.answer.Write(answer)
	return len(b), nil
}

func (c *conversation) Read(b []byte) (int, error)  { return c.answer.Read(b) }
func (c *conversation) Close() error                { return nil }
func (c *conversation) SetDeadline(time.Time) error { return nil } // that of the context holds

// Servers returns the servers of a resolv.conf(5), HOST:PORT; a file that cannot be read names none.
func Servers(path string) []string {
	content, _ := os.ReadFile(path)
	var servers []string
	for line := range strings.Lines(string(content)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "nameserver" {
			servers = append(servers, net.JoinHostPort(words[1], "53"))
		}
	}
	return servers
}
