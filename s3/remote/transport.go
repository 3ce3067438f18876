package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"sync"
	"time"

	"bootrc/kit/transport"
)

// idle is how long a connection may stand still before it counts as dead. A
// server may think about it for long, when it puts the parts of a large object
// together.
const idle = 2 * time.Minute

func newTransport(o Options) (*http.Transport, error) {
	roots, err := certificates(o)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	pace := newPace(o.Bandwidth)
	return &http.Transport{
		Proxy: transport.ProxyOf(o.Getenv),
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &watched{Conn: conn, pace: pace}, nil
		},
		TLSClientConfig:       &tls.Config{RootCAs: roots},
		TLSHandshakeTimeout:   15 * time.Second,
		ExpectContinueTimeout: 10 * time.Second,
		IdleConnTimeout:       time.Minute,
		MaxIdleConns:          0,
		MaxIdleConnsPerHost:   o.Connections + 4,
		WriteBufferSize:       64 << 10,
		ReadBufferSize:        64 << 10,
		DisableCompression:    true, // objects are stored as they are

		MaxResponseHeaderBytes: 256 << 10, // of which 2 KiB are metadata
	}, nil
}

// certificates returns nil for the system's alone.
func certificates(o Options) (*x509.CertPool, error) {
	file := o.CAFile
	if file == "" {
		file = o.Getenv("AWS_CA_BUNDLE")
	}
	if file == "" {
		return nil, nil
	}
	return transport.Roots(file)
}

// watched is a connection that ends when it stands still.
type watched struct {
	net.Conn
	pace *pace
}

func (w *watched) Read(b []byte) (int, error) {
	w.SetDeadline(time.Now().Add(idle))
	n, err := w.Conn.Read(b)
	w.pace.wait(n)
	return n, err
}

// Write also moves the deadline of a Read that waits for the answer to come.
func (w *watched) Write(b []byte) (int, error) {
	w.SetDeadline(time.Now().Add(idle))
	w.pace.wait(len(b))
	return w.Conn.Write(b)
}

// pace keeps to a number of bytes a second.
type pace struct {
	rate int64
	mu   sync.Mutex
	free time.Time // when what has been let through so far will be over
}

// newPace returns nil, which does not wait, for no limit.
func newPace(rate int64) *pace {
	if rate <= 0 {
		return nil
	}
	return &pace{rate: rate}
}

func (p *pace) wait(n int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	pause := p.free.Sub(now)
	p.mu.Unlock()
	time.Sleep(pause)
}
