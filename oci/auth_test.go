package oci

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"bootrc/oci/registry"
)

// tokens makes a registry ask for tokens, which it gives to those who are allowed.
// A token serves for uses requests.
func tokens(r *testRegistry, uses int, allowed func(*http.Request) bool) {
	left := 0
	r.before = func(w http.ResponseWriter, req *http.Request, n int) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		if req.URL.Path == "/token" {
			if !allowed(req) {
				w.WriteHeader(http.StatusUnauthorized)
				return true
			}
			left = uses
			fmt.Fprintf(w, `{"token": "T %s %s"}`, req.URL.Query().Get("service"), req.URL.Query().Get("scope"))
			return true
		}
		if req.Header.Get("Authorization") == "Bearer T S repository:box:pull" && left > 0 {
			left--
			return false
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+r.URL+`/token",service="S",scope="repository:box:pull"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
}

func basicIs(user, password string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		u, p, ok := r.BasicAuth()
		return ok && u == user && p == password
	}
}

func anybody(r *http.Request) bool { return r.Header.Get("Authorization") == "" }

func TestPullAuthorized(t *testing.T) {
	basic := func(r *testRegistry) {
		r.before = func(w http.ResponseWriter, req *http.Request, _ int) bool {
			if basicIs("user", "pass:word")(req) {
				return false
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
	}
	right := &registry.Credentials{User: "user", Password: "pass:word"}
	tests := []struct {
		name        string
		ask         func(*testRegistry)
		credentials *registry.Credentials
		want        string
	}{
		{"anonymous token", func(r *testRegistry) { tokens(r, 100, anybody) }, nil, ""},
		{"token with credentials", func(r *testRegistry) { tokens(r, 100, basicIs("user", "pass:word")) }, right, ""},
		{"token that expires", func(r *testRegistry) { tokens(r, 1, anybody) }, nil, ""},
		{"token refused", func(r *testRegistry) { tokens(r, 100, basicIs("user", "pass:word")) }, &registry.Credentials{User: "user", Password: "secret"}, "token server 127.0.0.1:"},
		{"token without rights", func(r *testRegistry) { tokens(r, 0, anybody) }, nil, "unauthorized"},
		{"basic", basic, right, ""},
		{"basic refused", basic, &registry.Credentials{User: "user", Password: "secret"}, "unauthorized"},
		{"basic without credentials", basic, nil, "unauthorized"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := plainRegistry(t)
			r.push(t, buildImage(t, layerTar(t, entry{"a", "x"})), "box", "latest")
			test.ask(r)
			o := hasty()
			o.Registry.Credentials = test.credentials
			_, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			checkError(t, err, "pull ", test.want)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("a secret is in %v", err)
			}
		})
	}
}

func TestPullWithTokenAsksForLittle(t *testing.T) {
	r := plainRegistry(t)
	r.push(t, buildImage(t, layerTar(t, entry{"a", "x"})), "box", "latest")
	tokens(r, 100, anybody)
	if _, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), hasty()); err != nil {
		t.Fatal(err)
	}
	got := r.requests()
	if len(got) != 5 || !slices.Equal(got[:3], []string{"GET /v2/box/manifests/latest", "GET /token", "GET /v2/box/manifests/latest"}) {
		t.Errorf("got %s", got)
	}
}

func TestTokenServersThatAreNotAsked(t *testing.T) {
	for _, realm := range []string{"", "ftp://127.0.0.1/", "/token", "http://"} {
		r := plainRegistry(t)
		r.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+realm+`"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		_, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), hasty())
		checkError(t, err, "pull ", "names no token server that can be asked")
	}
}

// With --tls-verify=false, too, a password goes to no other host in clear; a registry
// without one is asked for tokens there.
func TestPasswordsDoNotGoElsewhereInClear(t *testing.T) {
	r := plainRegistry(t)
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if asked++; req.Header.Get("Authorization") != "" {
			t.Errorf("the other host got %q", req.Header.Get("Authorization"))
		}
		io.WriteString(w, `{"token":"x"}`)
	}))
	defer elsewhere.Close()
	r.before = func(w http.ResponseWriter, req *http.Request, _ int) bool {
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)+`"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	o := hasty()
	_, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o)
	checkError(t, err, "pull ", "unauthorized")
	if asked == 0 {
		t.Error("the token server was not asked")
	}
	o.Registry.Credentials = &registry.Credentials{User: "user", Password: "secret"}
	_, err = Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o)
	checkError(t, err, "pull ", "another host, without encryption")
}

// TestCredentialsStayWithTheRegistry has blobs on another host, as is usual.
func TestCredentialsStayWithTheRegistry(t *testing.T) {
	r := plainRegistry(t)
	image := buildImage(t, layerTar(t, entry{"a", "x"}))
	r.push(t, image, "box", "latest")
	leaked := ""
	blobs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		leaked += req.Header.Get("Authorization")
		r.backend.ServeHTTP(w, req)
	}))
	defer blobs.Close()
	tokens(r, 100, basicIs("user", "secret"))
	ask := r.before
	r.before = func(w http.ResponseWriter, req *http.Request, n int) bool {
		if ask(w, req, n) {
			return true
		}
		if strings.Contains(req.URL.Path, "/blobs/") {
			http.Redirect(w, req, strings.Replace(blobs.URL, "127.0.0.1", "localhost", 1)+req.URL.Path, http.StatusTemporaryRedirect)
			return true
		}
		return false
	}
	o := hasty()
	o.Registry.Credentials = &registry.Credentials{User: "user", Password: "secret"}
	if _, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o); err != nil {
		t.Fatal(err)
	}
	if leaked != "" {
		t.Errorf("the other host got %q", leaked)
	}
}

func TestSchemes(t *testing.T) {
	image := buildImage(t, layerTar(t, entry{"a", "x"}))
	plain := (*httptest.Server).Start
	secure := (*httptest.Server).StartTLS
	secure2 := func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() }
	silent := func(s *httptest.Server) {
		s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "I am a printer") })
		s.Start()
	}
	tests := []struct {
		name   string
		start  func(*httptest.Server)
		verify bool
		creds  *registry.Credentials
		want   string
	}{
		{"http, unverified", plain, false, nil, ""},
		{"http, unverified, with credentials", plain, false, &registry.Credentials{User: "u", Password: "p"}, ""},
		{"https, unverified", secure, false, nil, ""},
		{"https, unverified, with credentials", secure, false, &registry.Credentials{User: "u", Password: "p"}, ""},
		{"http/2, unverified", secure2, false, nil, ""},
		{"http, verified", plain, true, nil, "it speaks http, not https: try --tls-verify=false"},
		{"https, verified", secure, true, nil, "its certificate is not trusted: x509: "},
		{"no registry", silent, false, nil, "manifest is broken"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRegistryServer(t, test.start)
			r.push(t, image, "box", "latest")
			o := hasty()
			o.Registry.TLSVerify, o.Registry.Credentials = test.verify, test.creds
			s := openStore(t)
			_, err := Pull(t.Context(), s, mustParse(t, r.host+"/box"), o)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				if n := len(r.requests()); n != 3 {
					t.Errorf("%d requests: %s", n, r.requests())
				}
				return
			}
			checkError(t, err, "pull ", test.want)
			checkEmpty(t, s)
		})
	}
}
