// Package nameserver is name servers as they are in the field, for tests and for the bench.
package nameserver

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"golang.org/x/net/dns/dnsmessage"
)

// Server is how one name server behaves.
type Server struct {
	// Answer returns what is sent for a query, each a message; nothing for a server that
	// says nothing. It is called in a goroutine of its own, and may take its time.
	Answer func(Query) [][]byte

	NoDatagrams bool // UDP is refused
	NoStreams   bool // TCP is refused
}

// Query is a question as it came.
type Query struct {
	dnsmessage.Message
	Extended bool // with EDNS0
	Stream   bool // by TCP
	Before   int  // how many queries of that kind came before
}

// Name is what is asked for.
func (q Query) Name() string { return q.Questions[0].Name.String() }

// Kind is the type of record that is asked for.
func (q Query) Kind() dnsmessage.Type { return q.Questions[0].Type }

// Running is a server that runs.
type Running struct {
	server  Server
	packets atomic.Int64
	seen    sync.Map // of dnsmessage.Type: *atomic.Int64
}

// Packets is how many queries came so far.
func (r *Running) Packets() int { return int(r.packets.Load()) }

// Run serves at an address, IP:PORT, until ctx is done.
func Run(ctx context.Context, address string, s Server) (*Running, error) {
	r := &Running{server: s}
	if !s.NoDatagrams {
		conn, err := net.ListenPacket("udp", address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { conn.Close() })
		go r.datagrams(conn)
	}
	if !s.NoStreams {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { listener.Close() })
		go r.streams(listener)
	}
	return r, nil
}

func (r *Running) datagrams(conn net.PacketConn) {
	buffer := make([]byte, 0xffff)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if q, ok := r.parse(buffer[:n], false); ok {
			go func() {
				for _, m := range r.server.Answer(q) {
					conn.WriteTo(m, from)
				}
			}()
		}
	}
}

func (r *Running) streams(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			var length [2]byte
			if _, err := io.ReadFull(conn, length[:]); err != nil {
				return
			}
			m := make([]byte, binary.BigEndian.Uint16(length[:]))
			if _, err := io.ReadFull(conn, m); err != nil {
				return
			}
			q, ok := r.parse(m, true)
			if !ok {
				return
			}
			answers := r.server.Answer(q)
			for _, m := range answers {
				conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...))
			}
			if len(answers) == 0 {
				io.Copy(io.Discard, conn) // says nothing, but does not hang up
			}
		}()
	}
}

func (r *Running) parse(m []byte, stream bool) (q Query, ok bool) {
	if q.Unpack(m) != nil || len(q.Questions) != 1 {
		return q, false
	}
	r.packets.Add(1)
	count, _ := r.seen.LoadOrStore(q.Kind(), new(atomic.Int64))
	q.Stream, q.Before = stream, int(count.(*atomic.Int64).Add(1)-1)
	for _, a := range q.Additionals {
		q.Extended = q.Extended || a.Header.Type == dnsmessage.TypeOPT
	}
	return q, true
}
