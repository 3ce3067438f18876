// Package transport is HTTP as the boot's own commands speak it to registries, to
// S3-compatible storage and to servers of files: through the proxy of the command that
// asks, with a limit on every wait, and with one rule for redirects.
package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options are what differs between those who ask.
type Options struct {
	Limits Limits
	// Insecure accepts any certificate, and redirects from https to http.
	Insecure bool
	// Roots are the certificates to trust; nil means the system's, and those of Trust.
	Roots *x509.CertPool
	// Certificates are this client's, for servers that ask for one.
	Certificates []tls.Certificate
	// Proxy chooses the proxy of a request. Nil means the function of that name.
	Proxy func(*http.Request) (*url.URL, error)
	// Connections is how many connections to one server are kept for later requests.
	Connections int
	// Bandwidth is how many bytes a second the bodies of all requests and answers
	// together have. 0 is no limit.
	Bandwidth int64
}

// Transport is an http.RoundTripper with limits. Errors of a server that is too slow
// are net.Error with Timeout, those of an answer's body too.
type Transport struct {
	// Base may be adjusted before the first request.
	Base *http.Transport

	insecure bool
	limits   Limits
	pace     *pace
	near     *near
}

// New returns a transport with connections of its own.
func New(o Options) *Transport {
	proxy := o.Proxy
	if proxy == nil {
		proxy = Proxy
	}
	roots := o.Roots
	if roots == nil {
		roots = trusted()
	}
	dialer := net.Dialer{Timeout: o.Limits.Connect}
	near := new(near)
	return &Transport{insecure: o.Insecure, limits: o.Limits, pace: newPace(o.Bandwidth), near: near, Base: &http.Transport{
		Proxy: proxy,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			if err := near.checkConn(ctx, conn); err != nil {
				conn.Close()
				return nil, err
			}
			return &connection{conn, o.Limits.Idle}, nil
		},
		TLSClientConfig:        &tls.Config{RootCAs: roots, Certificates: o.Certificates, InsecureSkipVerify: o.Insecure},
		TLSHandshakeTimeout:    o.Limits.Connect,
		ResponseHeaderTimeout:  o.Limits.Answer,
		MaxResponseHeaderBytes: o.Limits.Header,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    o.Connections,
		WriteBufferSize:        64 << 10,
		ReadBufferSize:         64 << 10,
		ForceAttemptHTTP2:      true,
		// HTTP/2 has one connection for all, and must notice its end for those to come.
		HTTP2: &http.HTTP2Config{SendPingTimeout: o.Limits.Answer, PingTimeout: o.Limits.Connect},
		// what is large is compressed already, and digests are of what was stored.
		DisableCompression: true,
	}}
}

// RoundTrip sends a request, and returns its answer with a body under the limits.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.near.checkURL(r); err != nil {
		return nil, err
	}
	ctx := r.Context()
	if isLed(r) {
		ctx = Led(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	response, err := t.Base.RoundTrip(t.pace.request(r.WithContext(ctx)))
	if err != nil {
		cancel(nil)
		if wait, ok := errors.AsType[net.Error](err); ok && wait.Timeout() && strings.Contains(err.Error(), "awaiting response headers") {
			err = &StallError{"no answer", t.limits.Answer}
		}
		return nil, nameClock(err)
	}
	// the waits of the pace are not the server's, and come on top of its limits
	response.Body = t.pace.body(r.Context(), newBody(ctx, cancel, response.Body, t.limits))
	return response, nil
}

// WithFloor returns a transport that shares t's connections, with another Floor.
func (t *Transport) WithFloor(bytes int64) *Transport {
	other := *t
	other.limits.Floor = bytes
	return &other
}

// CloseIdleConnections is for http.Client's method of that name.
func (t *Transport) CloseIdleConnections() { t.Base.CloseIdleConnections() }

// Client returns a client that follows redirects as checkRedirect says.
func (t *Transport) Client() *http.Client {
	return &http.Client{Transport: t, CheckRedirect: t.checkRedirect}
}
