package transport

import (
	"net/http"
	"net/url"
	"os"
	"strings"

	"bootrc/kit/command"

	"golang.org/x/net/http/httpproxy"
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
	config := httpproxy.Config{
		HTTPProxy:  either("http_proxy"),
		HTTPSProxy: either("https_proxy"),
		NoProxy:    either("no_proxy"),
	}
	choose := config.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }
}
