package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// maxRedirects is how often a request may be sent elsewhere.
const maxRedirects = 10

// ErrUnencrypted is a redirect from https to http.
var ErrUnencrypted = errors.New("which is not encrypted")

// ErrNear is an address that a server has named, and that only this machine reaches.
var ErrNear = errors.New("a server has no business there")

// personal are the headers that are for one server only.
var personal = []string{"Authorization", "Proxy-Authorization", "Cookie", "Cookie2", "Www-Authenticate", "X-Amz-Security-Token"}

// checkRedirect is an http.Client's CheckRedirect. What authorizes a request goes to no
// other scheme, host or port than the first one's, also not when a later redirect leads
// back there: net/http's own rule sends it on to subdomains and other ports. No server is
// told where it was linked: that address may hold a token.
func (t *Transport) checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("it redirects more than %d times", maxRedirects)
	}
	last := via[len(via)-1].URL
	if last.Scheme == "https" && r.URL.Scheme != "https" && !t.insecure {
		return fmt.Errorf("it redirects to %q, %w", r.URL.Host, ErrUnencrypted)
	}
	r.Header.Del("Referer")
	if leaves(r, via) {
		if r.Body != nil {
			return fmt.Errorf("it redirects what is for it alone to %q", r.URL.Host)
		}
		for _, name := range personal {
			r.Header.Del(name)
		}
	}
	return nil
}

// leaves tells whether a request, or one on the way to it, is not for the first one's
// server.
func leaves(r *http.Request, via []*http.Request) bool {
	first := via[0].URL
	for _, earlier := range via[1:] {
		if !isSameOrigin(first, earlier.URL) {
			return true
		}
	}
	return !isSameOrigin(first, r.URL)
}

// isSameOrigin compares as RFC 6454 does, section 4.
func isSameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
