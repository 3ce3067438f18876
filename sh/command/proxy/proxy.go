// Package proxy chooses the HTTP proxy of a request: by http_proxy, https_proxy
// and no_proxy, in lower or upper case, of the shell command that makes it, as
// curl(1) reads them.
//
// Commands run in the boot's own process, whose environment is not the shell's,
// and net/http's ProxyFromEnvironment reads that one, once and for all.
package proxy

import (
	"net/http"
	"net/url"
	"os"
	"strings"

	"bootrc/sh/command"

	"golang.org/x/net/http/httpproxy"
)

// Choose is an http.Transport's Proxy. A request whose context is no command's
// goes through the proxies of the process's environment.
func Choose(r *http.Request) (*url.URL, error) {
	env, ok := command.Environment(r.Context())
	if !ok {
		env = os.Environ()
	}
	config := httpproxy.Config{
		HTTPProxy:  either(env, "http_proxy"),
		HTTPSProxy: either(env, "https_proxy"),
		NoProxy:    either(env, "no_proxy"),
	}
	return config.ProxyFunc()(r.URL)
}

// either finds a variable by its lower-case name or else the upper-case one.
func either(env []string, name string) (value string) {
	for _, variable := range env {
		k, v, _ := strings.Cut(variable, "=")
		if k == name && v != "" {
			return v
		}
		if k == strings.ToUpper(name) {
			value = v
		}
	}
	return value
}
