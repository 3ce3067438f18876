package main

import (
	"net"
	"sync"
	"time"
)

// The slow link: a connection takes a way there and back to be made, what is sent arrives after
// half of that, and all connections share the rate of their direction.
const (
	oneWay      = 25 * time.Millisecond
	linkRate    = 100_000_000 / 8 // bytes a second
	linkSegment = 16 << 10
	inFlight    = 4 << 20 / linkSegment // segments that a connection's window holds
)

// startLink listens, and passes connections on to an address.
func startLink(to string) (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var up, down lane
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				time.Sleep(2 * oneWay)
				far, err := net.Dial("tcp", to)
				if err != nil {
					near.Close()
					return
				}
				go up.carry(far, near)
				down.carry(near, far)
			}()
		}
	}()
	return l, nil
}

// lane is one direction of the link.
type lane struct {
	mu   sync.Mutex
	free time.Time // when all that was sent is through
}

// through returns when that many bytes, sent now, arrive.
func (l *lane) through(n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(n) * time.Second / linkRate)
	return l.free.Add(oneWay)
}

type segment struct {
	data    []byte
	arrives time.Time
}

func (l *lane) carry(to, from net.Conn) {
	segments := make(chan segment, inFlight)
	go func() {
		defer close(segments)
		for {
			data := make([]byte, linkSegment)
			n, err := from.Read(data)
			if n > 0 {
				segments <- segment{data[:n], l.through(n)}
			}
			if err != nil {
				return
			}
		}
	}()
	for s := range segments {
		time.Sleep(time.Until(s.arrives))
		if _, err := to.Write(s.data); err != nil {
			from.Close()
		}
	}
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}
