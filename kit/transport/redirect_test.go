package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// web is two servers, one with TLS, that stand for all hosts.
type web struct {
	plain, secure *httptest.Server
	to            map[string]string // redirects, by address without a query

	mu   sync.Mutex
	seen []string // "ADDRESS [HEADER…]" of each request
}

func newWeb(t *testing.T, to map[string]string) *web {
	w := &web{to: to}
	w.plain = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serve(rw, r, "http") }))
	w.secure = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serve(rw, r, "https") }))
	t.Cleanup(w.plain.Close)
	t.Cleanup(w.secure.Close)
	return w
}

func (w *web) serve(rw http.ResponseWriter, r *http.Request, scheme string) {
	address := scheme + "://" + r.Host + r.URL.Path
	line := address
	for _, name := range append([]string{"Referer"}, personal...) {
		if value := r.Header.Get(name); value != "" {
			line += fmt.Sprintf(" %s", name)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, line)
	if to := w.to[address]; to != "" {
		rw.Header().Set("Location", to)
		rw.WriteHeader(http.StatusTemporaryRedirect)
	}
}

// transport sends each request to the one of both servers that its port means.
func (w *web) transport(t *testing.T, insecure bool) *Transport {
	tr := New(Options{Limits: Standard, Insecure: insecure})
	tr.Base.ForceAttemptHTTP2 = false
	tr.Base.TLSClientConfig.InsecureSkipVerify = true
	tr.Base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		server := w.plain
		if strings.HasSuffix(address, "443") {
			server = w.secure
		}
		return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(strings.TrimPrefix(server.URL, "http://"), "https://"))
	}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func TestRedirects(t *testing.T) {
	const all = " Authorization Cookie X-Amz-Security-Token"
	for _, test := range []struct {
		name     string
		insecure bool
		from     string
		to       map[string]string
		want     []string
		err      string
	}{
		{"none", false, "http://a/", nil, []string{"http://a/" + all}, ""},
		{"the same server", false, "https://a/?token=x", map[string]string{"https://a/": "/2", "https://a/2": "https://a:443/3"},
			[]string{"https://a/" + all, "https://a/2" + all, "https://a:443/3" + all}, ""},
		{"another host", false, "https://a/?token=x", map[string]string{"https://a/": "https://b/"}, []string{"https://a/" + all, "https://b/"}, ""},
		{"another port", false, "https://a/", map[string]string{"https://a/": "https://a:8443/"}, []string{"https://a/" + all, "https://a:8443/"}, ""},
		{"another port, not encrypted", false, "http://a/", map[string]string{"http://a/": "http://a:8080/"}, []string{"http://a/" + all, "http://a:8080/"}, ""},
		{"a subdomain", false, "https://a.org/", map[string]string{"https://a.org/": "https://evil.a.org/"}, []string{"https://a.org/" + all, "https://evil.a.org/"}, ""},
		{"to https", false, "http://a/", map[string]string{"http://a/": "https://a/"}, []string{"http://a/" + all, "https://a/"}, ""},
		{"there and back", false, "https://a/", map[string]string{"https://a/": "https://b/", "https://b/": "https://a/3"},
			[]string{"https://a/" + all, "https://b/", "https://a/3"}, ""},
		{"to http", false, "https://a/", map[string]string{"https://a/": "http://a/2"}, []string{"https://a/" + all}, `it redirects to "a", which is not encrypted`},
		{"to http, by way of another", false, "https://a/", map[string]string{"https://a/": "https://b/", "https://b/": "http://b/"},
			[]string{"https://a/" + all, "https://b/"}, `it redirects to "b", which is not encrypted`},
		{"to http, and that is all right", true, "https://a/", map[string]string{"https://a/": "http://a/2"}, []string{"https://a/" + all, "http://a/2"}, ""},
		{"to the metadata of a cloud", false, "http://a/", map[string]string{"http://a/": "http://169.254.169.254/"}, []string{"http://a/" + all}, "a server has no business there: 169.254.169.254 is a link-local address"},
		{"to this machine", true, "https://a/", map[string]string{"https://a/": "http://[::1]:631/"}, []string{"https://a/" + all}, "a server has no business there: ::1 is a loopback address"},
		{"to this machine, by its oldest name", false, "http://a/", map[string]string{"http://a/": "http://0.0.0.0/"}, []string{"http://a/" + all}, "is a loopback address"},
		{"from this machine to itself", false, "http://127.0.0.1/", map[string]string{"http://127.0.0.1/": "http://[::1]/"}, []string{"http://127.0.0.1/" + all, "http://[::1]/"}, ""},
		{"from this machine to the link", false, "http://127.0.0.1/", map[string]string{"http://127.0.0.1/": "http://[fe80::1]/"}, []string{"http://127.0.0.1/" + all}, "fe80::1 is a link-local address"},
		{"in circles", false, "http://a/", map[string]string{"http://a/": "http://a/"}, nil, "it redirects more than 10 times"},
		{"to a file", false, "http://a/", map[string]string{"http://a/": "file:///etc/passwd"}, nil, "unsupported protocol scheme"},
		{"to nothing", false, "http://a/", map[string]string{"http://a/": "http://"}, nil, "no Host"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWeb(t, test.to)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.from, nil)
			if err != nil {
				t.Fatal(err)
			}
			for name := range strings.FieldsSeq(all) {
				r.Header.Set(name, "secret")
			}
			response, err := w.transport(t, test.insecure).Client().Do(r)
			if err == nil {
				Drain(response)
			}
			if !strings.Contains(text(err), test.err) || err == nil != (test.err == "") {
				t.Errorf("got error %v, want %q", err, test.err)
			}
			if got := strings.Join(w.seen, "\n"); test.want != nil && got != strings.Join(test.want, "\n") {
				t.Errorf("asked\n%s\nwant\n%s", got, strings.Join(test.want, "\n"))
			}
			if len(w.seen) > 11 {
				t.Errorf("it followed %d redirects", len(w.seen)-1)
			}
		})
	}
}

// A password in the address is for its server only.
func TestRedirectWithUser(t *testing.T) {
	w := newWeb(t, map[string]string{"http://a/": "http://a:81/"})
	response, err := w.transport(t, false).Client().Get("http://u:secret@a/?token=x")
	if err != nil {
		t.Fatal(err)
	}
	Drain(response)
	if got := strings.Join(w.seen, ", "); got != "http://a/ Authorization, http://a:81/" {
		t.Errorf("asked %s", got)
	}
}

func TestName(t *testing.T) {
	for address, want := range map[string]string{
		"http://h/a":                        "http://h/a",
		"https://u:secret@h/a?X-Amz=b&c#d":  "https://u:xxxxx@h/a?…",
		"http://h/%0a?":                     "http://h/%0a?",
		"http://h/a#access_token=something": "http://h/a",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := Name(u); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

// A name is as good as the address that it stands for.
func TestNamesOfThisMachine(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	tr := New(Options{Limits: Standard})
	defer tr.CloseIdleConnections()
	address := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	ask := func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := tr.Client().Do(r)
		if err == nil {
			Drain(response)
		}
		return err
	}
	if err := ask(Led(t.Context())); !errors.Is(err, ErrNear) {
		t.Errorf("led there: %v", err)
	}
	if err := ask(t.Context()); err != nil {
		t.Errorf("sent there: %v", err)
	}
	if err := ask(Led(t.Context())); err != nil {
		t.Errorf("led to where it was sent: %v", err)
	}
}

// What a request carries is for its server only.
func TestRedirectWithContent(t *testing.T) {
	w := newWeb(t, map[string]string{"http://a/": "http://b/", "http://c/": "http://c/2"})
	for from, want := range map[string]string{"http://a/": `it redirects what is for it alone to "b"`, "http://c/": ""} {
		response, err := w.transport(t, false).Client().Post(from, "text/plain", strings.NewReader("secret"))
		if err == nil {
			Drain(response)
		}
		if err == nil != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", from, err)
		}
	}
	if got := strings.Join(w.seen, ", "); strings.Contains(got, "http://b/") {
		t.Errorf("asked %s", got)
	}
}

// Certificates of Trust count in every transport that is made from then on.
func TestTrust(t *testing.T) {
	trustedFile = filepath.Join(t.TempDir(), "run/ca.pem")
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	get := func() error {
		tr := New(Options{Limits: Standard})
		defer tr.CloseIdleConnections()
		response, err := tr.Client().Get(server.URL)
		if err == nil {
			Drain(response)
		}
		return err
	}
	if err := get(); err == nil {
		t.Error("it is trusted from the start")
	}
	if err := Trust([]byte("nothing")); err == nil {
		t.Error("nothing is taken for a certificate")
	}
	if err := Trust(server.Certificate().Raw); err != nil {
		t.Fatal(err)
	}
	if err := get(); err != nil {
		t.Error(err)
	}
}
