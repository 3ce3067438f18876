package remote

import (
	"crypto/x509"
	"time"

	"bootrc/kit/transport"
)

// limits leave a server two minutes to think, when it puts the parts of a large object
// together.
var limits = transport.Limits{
	Connect: 15 * time.Second, Answer: 2 * time.Minute, Header: 256 << 10, // metadata take 2 KiB of them
	Idle: 2 * time.Minute, Floor: 16 << 10, // a record of TLS
}

func newTransport(o Options) (*transport.Transport, error) {
	roots, err := certificates(o)
	if err != nil {
		return nil, err
	}
	t := transport.New(transport.Options{
		Limits: limits, Roots: roots, Proxy: transport.ProxyOf(o.Getenv), Connections: o.Connections + 4, Bandwidth: o.Bandwidth,
	})
	t.Base.ForceAttemptHTTP2 = false // its one connection would carry all transfers
	return t, nil
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
