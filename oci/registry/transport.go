package registry

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"bootrc/kit/proxy"
)

const userAgent = "bootrc"

// idleConnections is how many connections are kept to one registry: as many as a
// pull uses at a time.
const idleConnections = 3

// The clients are shared by all pulls, so that a registry's connection, and its
// handshake, serves the next image too.
var (
	verifyingTransport = sync.OnceValue(func() http.RoundTripper { return newTransport(nil) })
	insecureTransport  = sync.OnceValue(func() http.RoundTripper {
		return newTransport(&tls.Config{InsecureSkipVerify: true})
	})
)

func newTransport(config *tls.Config) http.RoundTripper {
	return &http.Transport{
		Proxy:                 proxy.Choose,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConnsPerHost:   idleConnections,
		ForceAttemptHTTP2:     true,
		// blobs are compressed already, and their digests are of what was stored.
		DisableCompression: true,
	}
}

func newClient(verify bool) *http.Client {
	if !verify {
		return &http.Client{Transport: insecureTransport()}
	}
	return &http.Client{Transport: verifyingTransport(), CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if req.URL.Scheme != "https" {
			return fmt.Errorf("it redirects to %s, which is not encrypted: try --tls-verify=false", req.URL.Host)
		}
		if len(via) >= 10 {
			return errors.New("it redirects in circles")
		}
		return nil
	}}
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
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return fmt.Errorf("its certificate is not trusted: %w", cert.Err)
	}
	return err
}
