package transport

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bootrc/kit/command"

	"golang.org/x/net/http/httpproxy"
)

func TestProxy(t *testing.T) {
	t.Setenv("http_proxy", "http://process:1")
	for _, tt := range []struct{ env, url, want string }{
		{"", "http://host/", ""},
		{"http_proxy=http://p:1", "http://host/", "http://p:1"},
		{"http_proxy=http://p:1", "https://host/", ""},
		{"https_proxy=http://p:1", "https://host/", "http://p:1"},
		{"HTTP_PROXY=http://upper:1", "http://host/", "http://upper:1"},
		{"HTTP_PROXY=http://upper:1 http_proxy=http://p:1", "http://host/", "http://p:1"},
		{"http_proxy=http://p:1 no_proxy=host,10.0.0.0/8", "http://host/", ""},
		{"http_proxy=http://p:1 no_proxy=host,10.0.0.0/8", "http://10.1.2.3:5000/", ""},
		{"http_proxy=http://p:1 no_proxy=host,10.0.0.0/8", "http://other/", "http://p:1"},
	} {
		get := command.Command{Run: func(ctx context.Context, _ *command.Call) error {
			if got := chosen(t, request(ctx, t, tt.url)); got != tt.want {
				t.Errorf("%s with %q goes through %q, want %q", tt.url, tt.env, got, tt.want)
			}
			return nil
		}}
		get.Execute(t.Context(), &command.Call{Env: strings.Fields(tt.env)})
	}
	if got := chosen(t, request(t.Context(), t, "http://host/")); got != "http://process:1" {
		t.Errorf("without a command's environment, the proxy is %q, not the process's", got)
	}
}

// What is reached without a proxy is what net/http would reach without one.
func TestDirect(t *testing.T) {
	hosts := []string{"host", "host:81", "HOST", "sub.host", "xhost", "a.lan", "lan", "10.1.2.3", "10.1.2.3:5000", "11.1.2.3", "[fd00::1]", "[fd00::1]:81",
		"[fe80::1]", "localhost", "127.0.0.1", "127.8.8.8", "[::1]", "[::ffff:10.1.2.3]"}
	for _, list := range []string{"", "*", "host", ".host", "*.host", "host:81", "host:80", "HOST", "lan, host ", "10.0.0.0/8", "10.1.2.3", "10.1.2.3:5000",
		"fd00::/8", "fd00::1", "[fd00::1]:81", "10.0.0.0/33", ",,", "com", "10.1.2"} {
		config := httpproxy.Config{HTTPProxy: "http://p:1", HTTPSProxy: "http://p:1", NoProxy: list}
		peer := config.ProxyFunc()
		mine := ProxyOf(func(name string) string {
			return map[string]string{"http_proxy": "http://p:1", "https_proxy": "http://p:1", "no_proxy": list}[name]
		})
		for _, host := range hosts {
			for _, scheme := range []string{"http", "https"} {
				r := request(t.Context(), t, scheme+"://"+host+"/")
				got, err := mine(r)
				want, _ := peer(r.URL)
				if err != nil || (got == nil) != (want == nil) {
					t.Errorf("%s with no_proxy=%q: %v, %v; want %v", r.URL, list, got, err, want)
				}
			}
		}
	}
}

func TestProxyURL(t *testing.T) {
	for value, want := range map[string]string{
		"http://p:1": "http://p:1", "p:1": "http://p:1", "p": "http://p", "u:secret@p:1": "http://u:secret@p:1", "socks5://p": "socks5://p",
		"http://u:secret@p:x": "http_proxy is not a URL such as http://proxy:3128", "http://": "http_proxy is not a URL such as http://proxy:3128", "::": "http_proxy is not a URL such as http://proxy:3128",
	} {
		got, err := ProxyOf(func(name string) string { return map[string]string{"http_proxy": value}[name] })(request(t.Context(), t, "http://host/"))
		if err != nil && err.Error() != want || err == nil && got.String() != want {
			t.Errorf("%s: %v, %v; want %s", value, got, err, want)
		}
	}
}

func request(ctx context.Context, t *testing.T, url string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func chosen(t *testing.T, r *http.Request) string {
	u, err := Proxy(r)
	if err != nil {
		t.Fatal(err)
	}
	if u == nil {
		return ""
	}
	return u.String()
}

func TestVariables(t *testing.T) {
	for _, tt := range []struct{ spec, want, err string }{
		{"https=http://p:3128", "https_proxy=http://p:3128 HTTPS_PROXY=http://p:3128", ""},
		{"http=http://p:1,https=http://q:2", "http_proxy=http://p:1 HTTP_PROXY=http://p:1 https_proxy=http://q:2 HTTPS_PROXY=http://q:2", ""},
		{"https=socks5://p:1,no_proxy=10.0.0.0/8|.lan", "https_proxy=socks5://p:1 HTTPS_PROXY=socks5://p:1 no_proxy=10.0.0.0/8,.lan NO_PROXY=10.0.0.0/8,.lan", ""},
		{"http://p:3128", "", `"http://p:3128": expected http=URL, https=URL or no_proxy=HOST|HOST`},
		{"https=", "", `https=: "" is not a URL such as http://proxy:3128`},
		{"https=proxy.lan", "", `https=: "proxy.lan" is not a URL such as http://proxy:3128`},
		{"https=ftp://u:secret@p", "", `https=: ftp://u:xxxxx@p: the proxy's own scheme is http, https or socks5`},
		{"https=http://u:secret@p:port", "", "https=: not a URL"},
		{"ftp=http://p:1", "", `"ftp": expected http=URL, https=URL or no_proxy=HOST|HOST`},
	} {
		got, err := Variables(tt.spec)
		if !slices.Equal(got, strings.Fields(tt.want)) || text(err) != tt.err {
			t.Errorf("Variables(%q) = %q, %q; want %q, %q", tt.spec, got, text(err), tt.want, tt.err)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
