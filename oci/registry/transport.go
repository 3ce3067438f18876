package registry

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"bootrc/kit/transport"
)

const userAgent = "bootrc"

// idleConnections is how many connections are kept to one registry: as many as a
// pull uses at a time.
const idleConnections = 3

// transports are shared by all pulls, so that a registry's connection, and its
// handshake, serves the next image too.
var transports struct {
	sync.Mutex
	of map[transportKey]*transport.Transport
}

type transportKey struct {
	verify bool
	limits transport.Limits
}

func newClient(verify bool, limits transport.Limits) *http.Client {
	transports.Lock()
	defer transports.Unlock()
	key := transportKey{verify, limits}
	t := transports.of[key]
	if t == nil {
		t = transport.New(transport.Options{Limits: limits, Insecure: !verify, Connections: idleConnections})
		if transports.of == nil {
			transports.of = make(map[transportKey]*transport.Transport)
		}
		transports.of[key] = t
	}
	return t.Client()
}

// plainError leaves out what http.Client puts before an error: its URL, which is
// long and may hold a secret.
func plainError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if err != nil && strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return fmt.Errorf("it speaks http, not https: try --tls-verify=false")
	}
	if errors.Is(err, transport.ErrUnencrypted) {
		return fmt.Errorf("%w: try --tls-verify=false", err)
	}
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return fmt.Errorf("its certificate is not trusted: %w", cert.Err)
	}
	return err
}
