package oci

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParseChallenges(t *testing.T) {
	type challenges = map[string]map[string]string
	tests := []struct {
		headers []string
		want    challenges
	}{
		{nil, challenges{}},
		{[]string{`Basic realm="Registry"`}, challenges{"basic": {"realm": "Registry"}}},
		{[]string{`Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push"`},
			challenges{"bearer": {"realm": "https://a/t", "service": "s", "scope": "repository:a/b:pull,push"}}},
		{[]string{`BEARER Realm = "a\"b\\" , Service=s`}, challenges{"bearer": {"realm": `a"b\`, "service": "s"}}},
		{[]string{`Negotiate, Basic realm="x"`}, challenges{"negotiate": {}, "basic": {"realm": "x"}}},
		{[]string{`Negotiate`, `Basic realm=x`}, challenges{"negotiate": {}, "basic": {"realm": "x"}}},
		{[]string{`realm="x"`}, challenges{}},
		{[]string{`="x", = ,`}, challenges{}},
		{[]string{`Bearer realm="never ends`}, challenges{"bearer": {"realm": "never ends"}}},
	}
	for _, test := range tests {
		if got := parseChallenges(test.headers); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %v, want %v", test.headers, got, test.want)
		}
	}
}

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
	right := &Credentials{"user", "pass:word"}
	tests := []struct {
		name        string
		ask         func(*testRegistry)
		credentials *Credentials
		want        string
	}{
		{"anonymous token", func(r *testRegistry) { tokens(r, 100, anybody) }, nil, ""},
		{"token with credentials", func(r *testRegistry) { tokens(r, 100, basicIs("user", "pass:word")) }, right, ""},
		{"token that expires", func(r *testRegistry) { tokens(r, 1, anybody) }, nil, ""},
		{"token refused", func(r *testRegistry) { tokens(r, 100, basicIs("user", "pass:word")) }, &Credentials{"user", "secret"}, "token server 127.0.0.1:"},
		{"token without rights", func(r *testRegistry) { tokens(r, 0, anybody) }, nil, "unauthorized"},
		{"basic", basic, right, ""},
		{"basic refused", basic, &Credentials{"user", "secret"}, "unauthorized"},
		{"basic without credentials", basic, nil, "unauthorized"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := plainRegistry(t)
			r.push(t, buildImage(t, layerTar(t, entry{"a", "x"})), "box", "latest")
			test.ask(r)
			o := hasty()
			o.Credentials = test.credentials
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
	o.Credentials = &Credentials{"user", "secret"}
	if _, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o); err != nil {
		t.Fatal(err)
	}
	if leaked != "" {
		t.Errorf("the other host got %q", leaked)
	}
}

func TestCredentialsForReference(t *testing.T) {
	auth := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	file := filepath.Join(t.TempDir(), "auth.json")
	text := fmt.Sprintf(`{"auths": {"host.example": {"auth": %q}, "host.example/team": {"auth": %q}, "https://index.docker.io/v1/": {"auth": %q},
		"broken.example": {"auth": "!"}, "helper.example": {}}, "credHelpers": {}}`, auth("host:1"), auth("team:2"), auth("hub:3"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"host.example/box": "host:1", "host.example/team/box": "team:2", "host.example/team2/box": "host:1",
		"alpine": "hub:3", "other.example/box": "", "helper.example/box": "",
	} {
		c, err := Options{AuthFile: file}.credentialsFor(mustParse(t, ref))
		got := ""
		if c != nil {
			got = c.User + ":" + c.Password
		}
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", ref, got, err, want)
		}
	}
	if _, err := (Options{AuthFile: file}).credentialsFor(mustParse(t, "broken.example/box")); err == nil {
		t.Error("no error for a broken entry")
	}
	if c, err := (Options{AuthFile: file + "2"}).credentialsFor(mustParse(t, "host.example/box")); c != nil || err != nil {
		t.Errorf("no file: got %v, %v", c, err)
	}
	if err := os.WriteFile(file, []byte(`{"auths": "secret"`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Options{AuthFile: file}.credentialsFor(mustParse(t, "host.example/box"))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestCredentialsHideThePassword(t *testing.T) {
	c, err := ParseCredentials("user:pass:word")
	if err != nil || c.User != "user" || c.Password != "pass:word" {
		t.Fatalf("got %v, %v", c, err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(format, *c); strings.Contains(s, "word") {
			t.Errorf("%s: %s", format, s)
		}
	}
	for _, s := range []string{"", "secret", ":secret"} {
		if _, err := ParseCredentials(s); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v", s, err)
		}
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
		creds  *Credentials
		want   string
	}{
		{"http, unverified", plain, false, nil, ""},
		{"http, unverified, with credentials", plain, false, &Credentials{"u", "p"}, ""},
		{"https, unverified", secure, false, nil, ""},
		{"https, unverified, with credentials", secure, false, &Credentials{"u", "p"}, ""},
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
			o.TLSVerify, o.Credentials = test.verify, test.creds
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

func TestSchemesInOrder(t *testing.T) {
	tests := []struct {
		registry    string
		credentials bool
		want        string
	}{
		{"127.0.0.1:5000", false, "http https"},
		{"10.0.2.2", false, "http https"},
		{"[fd00::1]:5000", false, "http https"},
		{"localhost:5000", false, "http https"},
		{"10.0.2.2", true, "https http"},
		{"1.1.1.1:5000", false, "https http"},
		{"no-such-host.invalid", false, "https http"},
	}
	for _, test := range tests {
		if got := strings.Join(schemesFor(t.Context(), test.registry, test.credentials), " "); got != test.want {
			t.Errorf("%s: got %s", test.registry, got)
		}
	}
}
