package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

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

// joinSchemes says what was tried, but not twice the same. Where one scheme was
// answered that it is the wrong one, only the other's error tells whether it may pass.
func joinSchemes(first, last error, schemes []string) error {
	if first == last || first.Error() == last.Error() {
		return last
	}
	var status *statusError
	if errors.As(first, &status) {
		return fmt.Errorf("over %s: %v; over %s: %w", schemes[0], first, schemes[1], last)
	}
	return fmt.Errorf("over %s: %w; over %s: %w", schemes[0], first, schemes[1], last)
}
