package oci

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bootrc/oci/registry"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// stranger is a server that a hostile registry leads to. It keeps what it is told.
type stranger struct {
	*httptest.Server
	mu   sync.Mutex
	told string
}

func newStranger(t *testing.T, answer http.HandlerFunc) *stranger {
	s := new(stranger)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		s.mu.Lock()
		s.told += fmt.Sprint(req.URL, req.Header, string(body))
		s.mu.Unlock()
		answer(w, req)
	}))
	t.Cleanup(s.Close)
	return s
}

// knows tells whether it was told the password, in some form.
func (s *stranger) knows(password string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.told, password) || strings.Contains(s.told, base64.StdEncoding.EncodeToString([]byte("user:"+password)))
}

const metadata = "169.254.169.254"

// A registry that means harm: each time one clear line, and no secret goes to anybody else.
func TestHostileRegistries(t *testing.T) {
	const password = "hunter2-secret"
	good := buildImage(t, layerTar(t, entry{"a", "x"}))
	layerPath := "/blobs/" + hashOf(t, good.blobs[0]).String()
	configPath := "/blobs/" + hashOf(t, good.config).String()

	type handler = func(http.ResponseWriter, *http.Request, int) bool
	// at answers requests for what has part in its path, when they are authorized.
	at := func(part string, answer http.HandlerFunc) func(string, string) handler {
		return func(string, string) handler {
			return func(w http.ResponseWriter, req *http.Request, _ int) bool {
				if _, _, ok := req.BasicAuth(); !ok {
					w.Header().Set("WWW-Authenticate", "Basic")
					w.WriteHeader(http.StatusUnauthorized)
					return true
				}
				if !strings.Contains(req.URL.Path, part) {
					return false
				}
				answer(w, req)
				return true
			}
		}
	}
	redirect := func(part, to string) func(string, string) handler {
		return func(here, strange string) handler {
			to := strings.NewReplacer("HERE", here, "STRANGER", strange).Replace(to)
			return at(part, func(w http.ResponseWriter, req *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(http.StatusTemporaryRedirect)
			})(here, strange)
		}
	}
	// realm asks for a token from there, always.
	realm := func(address string, token http.HandlerFunc) func(string, string) handler {
		return func(here, strange string) handler {
			address := strings.NewReplacer("HERE", here, "STRANGER", strange).Replace(address)
			return func(w http.ResponseWriter, req *http.Request, _ int) bool {
				if req.URL.Path == "/token" {
					token(w, req)
					return true
				}
				w.Header().Set("WWW-Authenticate", `Bearer realm="`+address+`"`)
				w.WriteHeader(http.StatusUnauthorized)
				return true
			}
		}
	}
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); io.WriteString(w, body) }
	}
	endless := func(w http.ResponseWriter, _ *http.Request) {
		for chunk := bytes.Repeat([]byte(" "), 64<<10); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	indexOf := func(digest v1.Hash) string {
		return string(marshal(t, v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{
			{MediaType: types.OCIImageIndex, Digest: digest, Size: 1, Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}}}))
	}
	deep := []string{indexOf(hashOf(t, good.manifest))}
	for range 5 {
		deep = append(deep, indexOf(hashOf(t, []byte(deep[len(deep)-1]))))
	}
	nested := func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", string(types.OCIImageIndex))
		for _, index := range deep {
			if strings.HasSuffix(req.URL.Path, hashOf(t, []byte(index)).String()) {
				io.WriteString(w, index)
				return
			}
		}
		io.WriteString(w, deep[len(deep)-1])
	}
	foreign := strings.Replace(string(good.manifest), `"layers":[{`, `"layers":[{"urls":["https://`+metadata+`/x"],`, 1)
	sized := func(n int64) string {
		return string(good.editManifest(t, func(m *v1.Manifest) { m.Layers[0].Size = n }).manifest)
	}
	bomb := buildImage(t, layerTar(t, entry{"zeros", strings.Repeat("\x00", 64<<20)}))
	fresh := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"token":"new"}`) }

	for _, test := range []struct {
		name   string
		secure bool // https, with a certificate that is trusted
		image  testImage
		do     func(here, strange string) handler
		want   string
	}{
		{"realm on another host in clear", false, good, realm("http://STRANGER/token", nil), "is another host, without encryption: credentials are not sent there"},
		{"realm in clear of a registry with encryption", true, good, realm("http://HERE/token", nil), "it names no token server that can be asked"},
		{"realm that is a file", true, good, realm("file:///etc/shadow", nil), "it names no token server that can be asked"},
		{"realm at the cloud's metadata", true, good, realm("https://"+metadata+"/latest/api/token", nil), "a server has no business there: 169.254.169.254 is a link-local address"},
		{"realm at the metadata, in IPv6", true, good, realm("https://[::ffff:a9fe:a9fe]/", nil), "a server has no business there"},
		{"token server that redirects to the metadata", false, good, realm("http://HERE/token", func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, "http://"+metadata+"/", http.StatusFound)
		}), "a server has no business there"},
		{"token server that never ends", false, good, realm("http://HERE/token", endless), "longer than the limit of 262144 bytes"},
		{"token with another header in it", false, good, realm("http://HERE/token", says(200, `{"token":"x\r\nX-Evil: 1"}`)), "its answer has no token"},
		{"a new token for each request, and none that serves", false, good, realm("http://HERE/token", fresh), "unauthorized"},
		{"layer at the metadata", false, good, redirect(layerPath, "http://"+metadata+"/x"), "a server has no business there"},
		{"layer in a file", false, good, redirect(layerPath, "file:///etc/shadow"), "unsupported protocol scheme"},
		{"layer in circles", false, good, redirect(layerPath, "http://HERE/v2/box"+layerPath), "redirects more than 10 times"},
		{"layer with a stranger, who asks for a password", false, good, redirect(layerPath, "http://STRANGER/v2/box/layer"), "unauthorized"},
		{"layer in clear of a registry with encryption", true, good, redirect(layerPath, "http://STRANGER/x"), "which is not encrypted"},
		{"foreign layer at the metadata", false, good, at("", func(w http.ResponseWriter, req *http.Request) {
			switch {
			case strings.Contains(req.URL.Path, "/manifests/"):
				io.WriteString(w, foreign)
			case strings.HasSuffix(req.URL.Path, configPath):
				w.Write(good.config)
			default:
				w.WriteHeader(http.StatusNotFound)
			}
		}), "a server has no business there"},
		{"manifest that never ends", false, good, at("/manifests/", endless), "longer than the 4194304 bytes allowed"},
		{"header that never ends", false, good, at("/manifests/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		}), "exceeded"},
		{"indexes in indexes", false, good, at("/manifests/", nested), "indexes lie more than 3 deep in indexes"},
		{"index of another image", false, good, at("/manifests/sha256:", says(200, string(bomb.manifest))), "manifest was altered"},
		{"configuration of another image", false, good, at(configPath, says(200, string(bomb.config))), "altered"},
		{"layer that is longer than it says", false, good, at("/manifests/", says(200, sized(10))), "bytes, got more"},
		{"layer that is shorter than it says", false, good, at("/manifests/", says(200, sized(1<<20))), "truncated"},
		{"layer that says nothing of its size", false, good, at("/manifests/", says(200, sized(-1))), "digest or size is missing"},
		{"layer that fills the disk", false, bomb, at("/nothing/", nil), "the store is full"},
		{"too many requests, always", false, good, at("/manifests/", says(429, "")), "too many requests"},
		{"on fire, always", false, good, at("/manifests/", says(503, "")), "answered 503 Service Unavailable"},
		{"a tag that changes while it is pulled", false, good, at("/blobs/", says(404, "")), "not found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			start := (*httptest.Server).Start
			pki := newAuthority(t)
			if test.secure {
				start = pki.startServer
			}
			r := newRegistryServer(t, start)
			r.push(t, test.image, "box", "latest")
			if test.name == "index of another image" {
				r.put(t, "PUT", "/v2/box/manifests/latest", string(types.OCIImageIndex), []byte(indexOf(hashOf(t, good.manifest))))
			}
			strange := newStranger(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("WWW-Authenticate", "Basic")
				w.WriteHeader(http.StatusUnauthorized)
			})
			// the stranger goes by another name, as the registry's own is a password's
			r.before = test.do(r.host, strings.Replace(strange.Listener.Addr().String(), "127.0.0.1", "localhost", 1))
			o := hasty()
			o.Registry.Credentials = &registry.Credentials{User: "user", Password: password}
			if test.secure {
				folder := t.TempDir()
				pki.write(t, filepath.Join(folder, r.host), "ca.crt")
				o.Registry.TLSVerify, o.Registry.CertsFolders = true, []string{folder}
			}
			s := smallStore(t, 4)
			_, err := Pull(t.Context(), s, mustParse(t, r.host+"/box"), o)
			checkError(t, err, "pull "+r.host+"/box:latest: ", test.want)
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("a secret is in %v", err)
			}
			if strange.knows(password) {
				t.Errorf("the stranger knows: %s", strange.told)
			}
			checkEmpty(t, s)
		})
	}
}

// An identity token goes to the server that was named, and is posted on to no other.
func TestIdentityTokensAreNotPassedOn(t *testing.T) {
	strange := newStranger(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"token":"T"}`) })
	r := plainRegistry(t)
	r.before = func(w http.ResponseWriter, req *http.Request, _ int) bool {
		if req.URL.Path == "/token" {
			http.Redirect(w, req, strange.URL+"/", http.StatusTemporaryRedirect)
			return true
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+r.URL+`/token"`)
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	o := hasty()
	o.Registry.AuthFiles = []string{authFile(t, r.host+` {"identitytoken":"hunter2"}`)}
	_, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), o)
	checkError(t, err, "pull ", "it redirects what is for it alone")
	if strange.knows("hunter2") {
		t.Errorf("the stranger knows: %s", strange.told)
	}
}
