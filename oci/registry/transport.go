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
// handshake, serves the next image too. Each registry has its own: what one may lead to,
// another may not.
var transports struct {
	sync.Mutex
	of map[transportKey]*transport.Transport
}

type transportKey struct {
	registry string
	verify   bool
	certs    string // where its certificates are
	limits   transport.Limits
	trusted  string // which authorities all transports trust
}

func newClient(host string, verify bool, o Options) (*http.Client, error) {
	transports.Lock()
	defer transports.Unlock()
	key := transportKey{host, verify, strings.Join(o.CertsFolders, ":") + ":" + o.CertFolder, o.patience().Limits, transport.TrustedVersion()}
	t := transports.of[key]
	if t == nil {
		certificates, err := certificatesFor(o.CertsFolders, o.CertFolder, host)
		if err != nil {
			return nil, err
		}
		t = transport.New(transport.Options{
			Limits: key.limits, Insecure: !verify, Connections: idleConnections,
			Roots: certificates.roots, Certificates: certificates.client,
		})
		if transports.of == nil {
			transports.of = make(map[transportKey]*transport.Transport)
		}
		transports.of[key] = t
	}
	return t.Client(), nil
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
