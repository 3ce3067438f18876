package oci

import (
	"context"
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
		MaxIdleConnsPerHost:   maxParallel,
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

// schemesFor returns what to try with --tls-verify=false, in order: podman tries
// https and then http. Here a registry on a private network is asked over http
// first, because a TLS handshake for nothing is dear on a slow CPU; not with
// credentials, which then would be sent in clear.
func schemesFor(ctx context.Context, registry string, credentials bool) []string {
	if !credentials && isPrivate(ctx, registry) {
		return []string{"http", "https"}
	}
	return []string{"https", "http"}
}

// isPrivate tells whether all of a host's addresses are of private networks.
func isPrivate(ctx context.Context, registry string) bool {
	host := (&url.URL{Host: registry}).Hostname()
	if ip := net.ParseIP(host); ip != nil {
		return isPrivateIP(ip)
	}
	ips, err := net.DefaultResolver.LookupIP(ctx, "ip", host)
	if err != nil {
		return false
	}
	for _, ip := range ips {
		if !isPrivateIP(ip) {
			return false
		}
	}
	return len(ips) > 0
}

func isPrivateIP(ip net.IP) bool {
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}

// isWrongScheme tells errors that the other scheme may not have. A server that
// expects TLS answers 400 to plain http, or says nothing, or says it in TLS.
func isWrongScheme(err error, scheme string) bool {
	var status *statusError
	if errors.As(err, &status) {
		return scheme == "http" && status.code == http.StatusBadRequest
	}
	return true
}

// isSamePort tells a failure to connect to a port that both schemes share.
func isSamePort(err error, registry string) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" && (&url.URL{Host: registry}).Port() != ""
}

// joinSchemes says what was tried, but not twice the same.
func joinSchemes(first, last error, schemes []string) error {
	if first == last || first.Error() == last.Error() {
		return last
	}
	return fmt.Errorf("over %s: %w; over %s: %w", schemes[0], first, schemes[1], last)
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
