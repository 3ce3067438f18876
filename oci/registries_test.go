package oci

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"bootrc/oci/registry"

	"github.com/google/go-containerregistry/pkg/v1/types"
)

// authFile writes an authentication file with an entry for each "NAME ENTRY".
func authFile(t *testing.T, entries ...string) string {
	t.Helper()
	auths := make(map[string]json.RawMessage)
	for _, line := range entries {
		name, entry, _ := strings.Cut(line, " ")
		auths[name] = json.RawMessage(entry)
	}
	file := filepath.Join(t.TempDir(), "auth.json")
	if err := os.WriteFile(file, marshal(t, map[string]any{"auths": auths}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// How the token servers of registries ask and answer, by their documentation and their answers
// on 2026-11-27. HOST is the registry's address; entry is what an authentication file has.
var tokenServers = []struct {
	name, entry string
	challenges  []string
	path        string // of the token server
	query       string // that it wants
	basic       string // or user and password
	form        string // or what it wants posted
	answer      string
	want        string // Authorization at the registry
}{
	{"Docker Hub, anonymous", "", []string{`Bearer realm="http://HOST/token",service="registry.docker.io",scope="repository:box:pull"`},
		"/token", "scope=repository%3Abox%3Apull&service=registry.docker.io", "", "",
		`{"token":"T","access_token":"T","expires_in":300,"issued_at":"2026-11-27T20:00:00.1Z"}`, "Bearer T"},
	{"GitLab", `{"auth":"dXNlcjpnbHBhdA=="}`, []string{`Bearer realm="http://HOST/jwt/auth",service="container_registry",scope="repository:box:pull",error="invalid_token"`},
		"/jwt/auth", "scope=repository%3Abox%3Apull&service=container_registry", "user:glpat", "", `{"token":"T"}`, "Bearer T"},
	{"Harbor", `{"auth":"cm9ib3QkY2k6cHc="}`, []string{`Bearer realm="http://HOST/service/token",service="harbor-registry",scope="repository:box:pull"`},
		"/service/token", "scope=repository%3Abox%3Apull&service=harbor-registry", "robot$ci:pw", "",
		`{"token":"T","access_token":"","expires_in":1800,"issued_at":"2026-11-27T20:00:00Z"}`, "Bearer T"},
	{"Artifactory", `{"username":"u","password":"cmVm:dA"}`, []string{`Bearer realm="http://HOST/v2/token",service="HOST",scope="repository:box:pull"`},
		"/v2/token", "scope=repository%3Abox%3Apull&service=HOST", "u:cmVm:dA", "", `{"token":"T","expires_in":3600}`, "Bearer T"},
	{"Artifactory without tokens", `{"username":"u","password":"p"}`, []string{`Basic realm="Artifactory Realm"`}, "", "", "", "", "", "Basic dTpw"},
	{"ECR", `{"auth":"QVdTOmV5Sg=="}`, []string{`Basic realm="https://HOST/",service="ecr.amazonaws.com"`}, "", "", "", "", "", "Basic QVdTOmV5Sg=="},
	{"ECR Public", "", []string{`Bearer realm="http://HOST/token/",service="HOST",scope="aws"`},
		"/token/", "scope=aws&service=HOST", "", "", `{"token":"T"}`, "Bearer T"},
	{"GHCR", "", []string{`Bearer realm="http://HOST/token",service="ghcr.io",scope="repository:user/image:pull"`},
		"/token", "scope=repository%3Auser%2Fimage%3Apull&service=ghcr.io", "", "", `{"token":"T=="}`, "Bearer T=="},
	{"Quay", `{"auth":"b3JnK3JvYm90OnB3"}`, []string{`Bearer realm="http://HOST/v2/auth",service="HOST",scope="repository:box:pull"`},
		"/v2/auth", "scope=repository%3Abox%3Apull&service=HOST", "org+robot:pw", "", `{"token": "T"}`, "Bearer T"},
	{"Google", `{"auth":"X2pzb25fa2V5Ont9"}`, []string{`Bearer realm="http://HOST/v2/token",service="HOST",scope="repository:box:pull"`},
		"/v2/token", "scope=repository%3Abox%3Apull&service=HOST", "_json_key:{}", "", `{"token":"T","expires_in":43200}`, "Bearer T"},
	{"Azure, two challenges", `{"auth":"dTpw"}`, []string{`Bearer realm="http://HOST/oauth2/token",service="HOST",scope="repository:box:pull"`, `Basic realm="HOST"`},
		"/oauth2/token", "scope=repository%3Abox%3Apull&service=HOST", "u:p", "", `{"access_token":"T"}`, "Bearer T"},
	{"Azure, identity token", `{"auth":"MDAwMDo=","identitytoken":"IT"}`, []string{`Bearer realm="http://HOST/oauth2/token",service="HOST",scope="repository:box:pull"`},
		"/oauth2/token", "", "", "client_id=bootrc&grant_type=refresh_token&refresh_token=IT&scope=repository%3Abox%3Apull&service=HOST",
		`{"access_token":"T"}`, "Bearer T"},
	{"a token that serves as it is", `{"registrytoken":"RT"}`, []string{`Bearer realm="http://HOST/token"`}, "", "", "", "", "", "Bearer RT"},
	{"Nexus", `{"auth":"dTpw"}`, []string{`BASIC realm="Sonatype Nexus Repository Manager"`}, "", "", "", "", "", "Basic dTpw"},
	{"Gitea, no scope", `{"auth":"dTpw"}`, []string{`Bearer realm="http://HOST/v2/token",service="container_registry",scope="*"`},
		"/v2/token", "scope=%2A&service=container_registry", "u:p", "", `{"token":"T"}`, "Bearer T"},
	{"one that says next to nothing", "", []string{`Bearer realm=http://HOST/t`},
		"/t", "scope=repository%3Abox%3Apull", "", "", `{"token":null,"access_token":"T"}`, "Bearer T"},
	{"one with a query of its own", "", []string{`Bearer realm="http://HOST/t?account=x",service="s"`},
		"/t", "account=x&scope=repository%3Abox%3Apull&service=s", "", "", `{"token":"T"}`, "Bearer T"},
	{"one line for both", `{"auth":"dTpw"}`, []string{`Basic realm="x", Bearer realm="http://HOST/t",service="s",scope="repository:box:pull"`},
		"/t", "scope=repository%3Abox%3Apull&service=s", "u:p", "", `{"token":"T"}`, "Bearer T"},
}

func TestTokenServers(t *testing.T) {
	for _, test := range tokenServers {
		t.Run(test.name, func(t *testing.T) {
			r := plainRegistry(t)
			r.push(t, buildImage(t, layerTar(t, entry{"a", "x"})), "box", "latest")
			here := strings.NewReplacer("HOST", r.host, "%48OST", r.host)
			r.before = func(w http.ResponseWriter, req *http.Request, _ int) bool {
				if test.path != "" && req.URL.Path == test.path {
					body, _ := io.ReadAll(req.Body)
					user, password, _ := req.BasicAuth()
					basic := strings.TrimSuffix(user+":"+password, ":")
					wantQuery := strings.ReplaceAll(test.query, "HOST", url.QueryEscape(r.host))
					wantForm := strings.ReplaceAll(test.form, "HOST", url.QueryEscape(r.host))
					if req.URL.RawQuery != wantQuery || basic != test.basic || string(body) != wantForm {
						t.Errorf("asked with query %s, user %s, form %s", req.URL.RawQuery, basic, body)
					}
					w.Header().Set("Content-Type", "application/json")
					io.WriteString(w, test.answer)
					return true
				}
				if req.Header.Get("Authorization") == test.want {
					return false
				}
				for _, challenge := range test.challenges {
					w.Header().Add("WWW-Authenticate", here.Replace(challenge))
				}
				w.WriteHeader(http.StatusUnauthorized)
				return true
			}
			o := hasty()
			if test.entry != "" {
				o.Registry.AuthFiles = []string{authFile(t, r.host+" "+test.entry)}
			}
			if _, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o); err != nil {
				t.Error(err)
			}
		})
	}
}

// registriesConf writes a file of that text, in which A, B and C are addresses.
func registriesConf(t *testing.T, text string, hosts map[string]string) string {
	t.Helper()
	for letter, host := range hosts {
		text = strings.ReplaceAll(text, letter, host)
	}
	file := filepath.Join(t.TempDir(), "registries.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Mirrors are asked in order, and whatever is wrong with one, the next counts.
func TestMirrors(t *testing.T) {
	const both = `
[[registry]]
location = "<C>"
insecure = true
[[registry.mirror]]
location = "<A>/cache"
insecure = true
[[registry.mirror]]
location = "<B>"
insecure = true
`
	gone := func(t *testing.T, r *testRegistry) { r.Close() }
	answers := func(part string, status int, body string) func(*testing.T, *testRegistry) {
		return func(_ *testing.T, r *testRegistry) {
			r.before = func(w http.ResponseWriter, req *http.Request, _ int) bool {
				if strings.Contains(req.URL.Path, part) {
					w.WriteHeader(status)
					io.WriteString(w, body)
				}
				return strings.Contains(req.URL.Path, part)
			}
		}
	}
	other := func(t *testing.T, r *testRegistry) {
		for _, repository := range []string{"box", "cache/box"} {
			r.push(t, buildImage(t, layerTar(t, entry{"v", "other"})), repository, "latest")
		}
	}
	digestOnly := strings.Replace(both, "insecure = true\n", "insecure = true\nmirror-by-digest-only = true\n", 1)
	tests := []struct {
		name, conf string
		change     map[string]func(*testing.T, *testRegistry)
		byDigest   bool
		asked      string // "ABC": who had to do with it
		want       string // an error
	}{
		{"the first has it", both, nil, false, "A", ""},
		{"the first is gone", both, map[string]func(*testing.T, *testRegistry){"A": gone}, false, "B", ""},
		{"the first has it not", both, map[string]func(*testing.T, *testRegistry){"A": answers("/v2/", 404, "")}, false, "AB", ""},
		{"the first wants a login", both, map[string]func(*testing.T, *testRegistry){"A": answers("/v2/", 401, "")}, false, "AB", ""},
		{"the first has no more pulls", both, map[string]func(*testing.T, *testRegistry){"A": answers("/v2/", 429, "")}, false, "AB", ""},
		{"the first lost a layer", both, map[string]func(*testing.T, *testRegistry){"A": answers("/blobs/", 404, "")}, false, "AB", ""},
		{"the first alters a layer", both, map[string]func(*testing.T, *testRegistry){"A": answers("/blobs/", 200, "{}")}, false, "AB", ""},
		{"the first is a login page", both, map[string]func(*testing.T, *testRegistry){"A": answers("/v2/", 200, "<html>")}, false, "AB", ""},
		{"both are on fire", both, map[string]func(*testing.T, *testRegistry){"A": answers("/v2/", 500, ""), "B": answers("/v2/", 503, "")}, false, "ABC", ""},
		{"all are", both, map[string]func(*testing.T, *testRegistry){"A": gone, "B": gone, "C": answers("/v2/", 404, "no")}, false, "C", "registry <C>: not found"},
		{"another image by that digest", both, map[string]func(*testing.T, *testRegistry){"A": other, "B": other}, true, "A", ""},
		{"for digests only, by tag", digestOnly, nil, false, "C", ""},
		{"for digests only, by digest", digestOnly, nil, true, "A", ""},
		{"blocked", "[[registry]]\nprefix='<C>'\nblocked=true", nil, false, "", "registries.conf blocks <C>"},
		{"elsewhere", "[[registry]]\nprefix='<C>'\nlocation='<B>'\ninsecure=true", nil, false, "B", ""},
		{"elsewhere, of one repository", "[[registry]]\nprefix='<C>/box'\nlocation='<A>/cache/box'\ninsecure=true\n[[registry]]\nlocation='<C>'\nblocked=true", nil, false, "A", ""},
		{"a mirror of names that begin alike", strings.ReplaceAll(both, `"<C>"`, `"<C>/bo"`) + "[[registry]]\nlocation='<C>'\ninsecure=true", nil, false, "C", ""},
		{"broken", "[[registry]]\nlocation=", nil, false, "", `line 2: location: expected true, false, a string or an array`},
		{"version 1", "[registries.search]\nregistries=['a']", nil, false, "", "version 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			image := buildImage(t, layerTar(t, entry{"v", "x"}))
			hosts, all := make(map[string]string), make(map[string]*testRegistry)
			for _, name := range []string{"A", "B", "C"} {
				r := plainRegistry(t)
				all[name], hosts["<"+name+">"] = r, r.host
				r.push(t, image, map[string]string{"A": "cache/box", "B": "box", "C": "box"}[name], "latest")
				if change := test.change[name]; change != nil {
					change(t, r)
				}
			}
			o := hasty()
			o.Registry.TLSVerify = true
			o.Registry.ConfigFiles = []string{registriesConf(t, test.conf, hosts)}
			name := hosts["<C>"] + "/box"
			if test.byDigest {
				name += "@" + hashOf(t, image.manifest).String()
			}
			s := openStore(t)
			got, err := Get(t.Context(), s, mustParse(t, name), Always, o)
			want := strings.ReplaceAll(test.want, "<C>", hosts["<C>"])
			if test.want != "" {
				checkError(t, err, "", want)
				checkEmpty(t, s)
			} else if err != nil {
				t.Fatal(err)
			} else if v := merged(t, got, "v"); v != "x" {
				t.Errorf("got the image %s", v)
			} else if _, err := s.Named(mustParse(t, name).String()); err != nil {
				t.Error(err)
			}
			asked := ""
			for _, name := range []string{"A", "B", "C"} {
				if len(all[name].requests()) > 0 {
					asked += name
				}
			}
			if asked != test.asked {
				t.Errorf("asked %s, want %s", asked, test.asked)
			}
		})
	}
}

// --creds are for the registry of the name, and an authentication file's for that of its entry.
func TestCredentialsAndMirrors(t *testing.T) {
	var mu sync.Mutex
	got := make(map[string]string)
	record := func(name string) *testRegistry {
		r := plainRegistry(t)
		r.before = func(w http.ResponseWriter, req *http.Request, _ int) bool {
			mu.Lock()
			defer mu.Unlock()
			user, _, ok := req.BasicAuth()
			if ok {
				got[name] = user
				w.WriteHeader(http.StatusNotFound)
				return true
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		return r
	}
	mirror, known, own := record("mirror"), record("known"), record("own")
	o := hasty()
	o.Registry.Credentials = &registry.Credentials{User: "owner", Password: "secret"}
	o.Registry.AuthFiles = []string{authFile(t, known.host+` {"auth":"a25vd246cHc="}`)}
	o.Registry.ConfigFiles = []string{registriesConf(t, `
[[registry]]
location = "<O>"
insecure = true
[[registry.mirror]]
location = "<M>"
insecure = true
[[registry.mirror]]
location = "<K>"
insecure = true
`, map[string]string{"<O>": own.host, "<M>": mirror.host, "<K>": known.host})}
	if _, err := Pull(t.Context(), openStore(t), mustParse(t, own.host+"/box"), o); err == nil {
		t.Error("no error")
	}
	if fmt.Sprint(got) != "map[known:known own:owner]" {
		t.Errorf("got %v", got)
	}
}

// A short name is an alias's, or in the first of the registries that has it.
func TestShortNames(t *testing.T) {
	a, b := plainRegistry(t), plainRegistry(t)
	a.push(t, buildImage(t, layerTar(t, entry{"v", "a"})), "team/box", "latest")
	b.push(t, buildImage(t, layerTar(t, entry{"v", "b"})), "box", "latest", "v1")
	hosts := map[string]string{"<A>": a.host, "<B>": b.host}
	conf := registriesConf(t, `
# who is asked
unqualified-search-registries = [ "<A>",
	'<B>', # the last
]
short-name-mode = "enforcing"
[[registry]]
location = "<A>"
insecure = true
[[registry]]
location = "<B>"
insecure = true
[aliases]
"nick" = "<A>/team/box"
`, hosts)
	for name, want := range map[string]string{
		"box": "<B>/box:latest", "box:v1": "<B>/box:v1", "nick": "<A>/team/box:latest", "team/box": "<A>/team/box:latest",
		"<A>/box": "registry <A>: not found", "none": "registry <A>: not found",
	} {
		o := hasty()
		o.Registry.ConfigFiles = []string{conf}
		s := openStore(t)
		in, want := strings.NewReplacer("<A>", a.host, "<B>", b.host).Replace(name), strings.NewReplacer("<A>", a.host, "<B>", b.host).Replace(want)
		_, err := Get(t.Context(), s, mustParse(t, in), Always, o)
		if strings.Contains(want, "not found") {
			checkError(t, err, "pull ", want)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := s.Named(want); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// as in the store, so without one
		if _, err := Get(t.Context(), s, mustParse(t, in), Never, o); err != nil {
			t.Errorf("%s from the store: %v", name, err)
		}
	}
}

// Docker's limit is named, with the time to wait, and not run against again.
func TestRateLimit(t *testing.T) {
	for _, test := range []struct {
		headers map[string]string
		want    string
		asked   int
	}{
		{map[string]string{"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "0;w=21600"},
			"too many requests (You have reached your pull rate limit); its limit of 100 pulls in 6h0m0s is used up: try again in 6h0m0s at most, log in (b2c.login=) or use a mirror (b2c.mirror=)", 1},
		{map[string]string{"RateLimit-Limit": "10;w=3600", "RateLimit-Remaining": "0", "Retry-After": "754"}, "of 10 pulls in 1h0m0s is used up: try again in 12m34s,", 1},
		{map[string]string{"RateLimit-Remaining": "0"}, "its limit of pulls is used up: try again later,", 1},
		{map[string]string{"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "5;w=21600"}, "too many requests (You have reached your pull rate limit)", 4},
		{nil, "too many requests (You have reached your pull rate limit)", 4},
	} {
		r := plainRegistry(t)
		r.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			for name, value := range test.headers {
				w.Header().Set(name, value)
			}
			w.WriteHeader(http.StatusTooManyRequests)
			io.WriteString(w, `{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit"}]}`)
			return true
		}
		_, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), hasty())
		checkError(t, err, "pull ", test.want)
		if n := len(r.requests()); n != test.asked {
			t.Errorf("%v: asked %d times, want %d", test.headers, n, test.asked)
		}
	}
}

// A registry may lead to another one, which has its own token server, and its own users.
func TestRegistryThatLeadsToAnother(t *testing.T) {
	first, second := plainRegistry(t), plainRegistry(t)
	second.push(t, buildImage(t, layerTar(t, entry{"a", "x"})), "box", "latest")
	first.before = func(w http.ResponseWriter, req *http.Request, _ int) bool {
		if !basicIs("first", "secret1")(req) {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		}
		http.Redirect(w, req, second.URL+req.URL.Path, http.StatusTemporaryRedirect)
		return true
	}
	for _, known := range []bool{true, false} {
		tokens(second, 100, func(req *http.Request) bool {
			if known {
				return basicIs("second", "secret2")(req)
			}
			return anybody(req)
		})
		o := hasty()
		o.Registry.AuthFiles = []string{authFile(t, first.host+` {"username":"first","password":"secret1"}`)}
		if known {
			o.Registry.AuthFiles = []string{authFile(t, first.host+` {"username":"first","password":"secret1"}`, second.host+` {"username":"second","password":"secret2"}`)}
		}
		if _, err := Pull(t.Context(), openStore(t), mustParse(t, first.host+"/box"), o); err != nil {
			t.Errorf("known there: %v: %v", known, err)
		}
	}
}

// Over IPv6, by a literal, and over HTTP/2: each registry as it is.
func TestKindsOfServers(t *testing.T) {
	image := buildImage(t, layerTar(t, entry{"a", "x"}))
	for name, start := range map[string]func(*httptest.Server){
		"IPv6":   onIPv6,
		"HTTP/2": func(s *httptest.Server) { s.EnableHTTP2 = true; s.StartTLS() },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistryServer(t, start)
			r.push(t, image, "team/box", "latest")
			version := ""
			r.before = func(_ http.ResponseWriter, req *http.Request, _ int) bool { version = req.Proto; return false }
			s := openStore(t)
			if _, err := Get(t.Context(), s, mustParse(t, "docker://"+r.host+"/team/box"), Always, hasty()); err != nil {
				t.Fatal(err)
			}
			if name == "HTTP/2" && version != "HTTP/2.0" {
				t.Errorf("it spoke %s", version)
			}
			if _, err := s.Named(r.host + "/team/box:latest"); err != nil {
				t.Error(err)
			}
		})
	}
}

// certs.d names authorities and the client's own certificate.
func TestCertificates(t *testing.T) {
	pki := newAuthority(t)
	r := newRegistryServer(t, pki.startAskingForClients)
	r.push(t, buildImage(t, layerTar(t, entry{"a", "x"})), "box", "latest")
	full, trusting := t.TempDir(), t.TempDir()
	pki.write(t, filepath.Join(full, r.host), "ca.crt", "client.cert", "client.key")
	pki.write(t, filepath.Join(trusting, r.host), "ca.crt")
	for _, test := range []struct {
		name    string
		folders []string
		only    string
		want    string
	}{
		{"all", []string{t.TempDir(), full, trusting}, "", ""},
		{"the first folder counts", []string{trusting, full}, "", "certificate required"},
		{"none", nil, "", "its certificate is not trusted"},
		{"--cert-dir", []string{trusting}, filepath.Join(full, r.host), ""},
	} {
		o := hasty()
		o.Registry.TLSVerify, o.Registry.CertsFolders, o.Registry.CertFolder = true, test.folders, test.only
		_, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		checkError(t, err, "pull ", test.want)
	}
}

// A foreign layer comes from where its manifest says, and nobody there learns a password.
func TestForeignLayers(t *testing.T) {
	r := plainRegistry(t)
	image := buildImage(t, layerTar(t, entry{"a", "x"}))
	layer, told := image.blobs[0], ""
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		told += req.Header.Get("Authorization")
		w.Write(layer)
	}))
	defer elsewhere.Close()
	m := string(image.manifest)
	m = strings.Replace(m, `"layers":[{`, `"layers":[{"urls":["ftp://x/","`+elsewhere.URL+`/layer"],`, 1)
	m = strings.Replace(m, string(types.OCILayer), "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", 1)
	image.manifest, image.blobs = []byte(m), nil
	r.push(t, image, "box", "latest")
	tokens(r, 100, basicIs("user", "secret"))
	o := hasty()
	o.Registry.Credentials = &registry.Credentials{User: "user", Password: "secret"}
	if _, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o); err != nil {
		t.Error(err)
	}
	if told != "" {
		t.Errorf("it was told %q", told)
	}
	if !slices.ContainsFunc(r.requests(), func(line string) bool { return strings.HasSuffix(line, hashOf(t, layer).String()) }) {
		t.Error("the registry was not asked first")
	}
}
