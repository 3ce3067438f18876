package transport

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"bootrc/kit/command"
)

// Proxy is an http.Transport's: by http_proxy, https_proxy and no_proxy, in lower or
// upper case, of the shell command that makes the request, as curl(1) reads them.
// Commands run in the boot's own process, whose environment is not the shell's, and
// net/http's ProxyFromEnvironment reads that one, once and for all. A request whose context is no command's
// goes through the proxies of the process's environment.
func Proxy(r *http.Request) (*url.URL, error) {
	env, ok := command.Environment(r.Context())
	if !ok {
		return ProxyOf(os.Getenv)(r)
	}
	return ProxyOf((&command.Call{Env: env}).Getenv)(r)
}

// ProxyOf is an http.Transport's Proxy for the variables that getenv returns.
func ProxyOf(getenv func(name string) string) func(*http.Request) (*url.URL, error) {
	either := func(name string) string {
		if value := getenv(name); value != "" {
			return value
		}
		return getenv(strings.ToUpper(name))
	}
	return func(r *http.Request) (*url.URL, error) {
		name := r.URL.Scheme + "_proxy"
		proxy := either(name)
		if proxy == "" || isDirect(r.URL, either("no_proxy")) {
			return nil, nil
		}
		if !strings.Contains(proxy, "://") {
			proxy = "http://" + proxy
		}
		u, err := url.Parse(proxy)
		if err != nil || u.Host == "" { // an error of Parse would show a password
			return nil, fmt.Errorf("%s is not a URL such as http://proxy:3128", name)
		}
		return u, nil
	}
}

// isDirect tells whether no proxy is used for an address: one of this machine itself, or
// one in the list, as curl(1) and Go have no_proxy.
func isDirect(u *url.URL, list string) bool {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	address, _ := netip.ParseAddr(host)
	if host == "localhost" || address.IsLoopback() {
		return true
	}
	separates := func(r rune) bool { return r == ',' || r == ' ' }
	for entry := range strings.FieldsFuncSeq(strings.ToLower(list), separates) {
		if name, only, err := net.SplitHostPort(entry); err == nil {
			if only != port(u) {
				continue
			}
			entry = name
		}
		if isCovered(host, address.Unmap(), entry) {
			return true
		}
	}
	return false
}

// isCovered tells whether an entry stands for the host: "*", an address or a network, a
// name with all below it, or .NAME for those below it alone.
func isCovered(host string, address netip.Addr, entry string) bool {
	if network, err := netip.ParsePrefix(entry); err == nil {
		return network.Contains(address)
	}
	if other, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		return other.Unmap() == address
	}
	entry = strings.TrimPrefix(entry, "*")
	if entry == "" || strings.HasPrefix(entry, ".") {
		return strings.HasSuffix(host, entry)
	}
	return host == entry || strings.HasSuffix(host, "."+entry)
}
