package dns

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"bootrc/kit/retry"

	"golang.org/x/sys/unix"
)

// ask asks one server until it answers or ctx is done: by UDP; by TCP, too, where nothing comes
// by UDP; and by TCP and with EDNS0 at once where too little comes. What was cut off is better
// than nothing. Whoever waits for the server is told when it refuses for now.
func (c *client) ask(ctx context.Context, server string, q question, streamOnly bool, refused func()) ([]byte, error) {
	if streamOnly {
		return stream(ctx, server, q)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	replies := make(chan reply, 4) // each way that is tried has one, also when nobody waits for it any more
	open := 0
	try := func(way func() ([]byte, error)) {
		open++
		go func() {
			answer, err := way()
			replies <- reply{answer: answer, err: err}
		}()
	}
	byStream := func() ([]byte, error) { return stream(ctx, server, q) }
	unheard := time.NewTimer(c.untilStream(server))
	defer unheard.Stop()
	try(func() ([]byte, error) {
		return c.datagrams(ctx, server, q, q.plain, func() { refused(); unheard.Reset(0) })
	})

	var cut []byte
	var limit <-chan time.Time
	var err error
	for open > 0 {
		select {
		case r := <-replies:
			open--
			switch {
			case r.answer == nil:
				err = r.err
			case isTruncated(r.answer) && cut == nil:
				cut, limit = r.answer, time.After(c.times.stream)
				if verdictOf(cut) == positive { // an address is an address
					limit = time.After(c.times.stagger)
				}
				unheard.Stop()
				try(byStream)
				try(func() ([]byte, error) { return c.datagrams(ctx, server, q, q.extended, func() {}) })
			case cut == nil || !isTruncated(r.answer) && verdictOf(r.answer) != failure:
				return r.answer, nil
			}
		case <-unheard.C:
			try(func() ([]byte, error) {
				answer, err := byStream()
				c.preferStream(server, err == nil)
				return answer, err
			})
		case <-limit:
			open = 0
		}
	}
	if cut != nil {
		cut[2] &^= truncated // or Go's resolver would begin anew
	}
	return cut, err
}

// untilStream is how long a server is asked by UDP alone.
func (c *client) untilStream(server string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.streams[server] {
		return 0
	}
	return c.times.stream
}

// preferStream remembers whether a server that said nothing by UDP answers by TCP.
func (c *client) preferStream(server string, answers bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams[server] = answers
}

// datagrams asks by UDP, three times, and listens from then on, because an answer may be late.
// A server that refuses may be about to start, unless it would have to run on this machine.
func (c *client) datagrams(ctx context.Context, server string, q question, message []byte, refused func()) ([]byte, error) {
	const most = 3
	conn, err := new(net.Dialer).DialContext(ctx, "udp", server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetReadDeadline(time.Unix(1, 0)) })()
	for sent := 1; ; sent++ {
		var again time.Time
		if sent <= most {
			again = time.Now().Add(c.times.again)
			conn.Write(message) // what fails here, fails below, too
		}
		conn.SetReadDeadline(again)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		answer, err := listen(conn, q)
		switch {
		case err == nil || ctx.Err() != nil:
			return answer, err
		case errors.Is(err, os.ErrDeadlineExceeded):
		case sent == most || !errors.Is(err, unix.ECONNREFUSED) || isLocal(server):
			return nil, err
		default:
			refused()
			retry.Sleep(ctx, time.Until(again))
		}
	}
}

// listen returns the first message that answers the question. Others may be forged.
func listen(conn net.Conn, q question) ([]byte, error) {
	buffer := make([]byte, 0xffff)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return nil, err
		}
		if q.isFor(buffer[:n]) {
			return buffer[:n], nil
		}
	}
}

// stream asks by TCP.
func stream(ctx context.Context, server string, q question) ([]byte, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(q.plain))), q.plain...)); err != nil {
		return nil, err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	answer := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return nil, err
	}
	if !q.isFor(answer) {
		return nil, fmt.Errorf("%s answers another question", server)
	}
	return answer, nil
}

func isLocal(server string) bool {
	a, err := netip.ParseAddrPort(server)
	return err == nil && a.Addr().IsLoopback()
}
