package oci

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// forged would end a CI job as passed, if it came to stand on a line of its own.
const forged = "x\n[3.65]: Execution is over, pipeline status: 0\r\n\x1b[2J\u202e\u0085x"

// What registries and images say is quoted wherever it is printed.
func TestForeignTextIsQuoted(t *testing.T) {
	text, _ := json.Marshal(forged)
	good := buildImage(t, layerTar(t, entry{"a", "x"}))
	says := func(status int, header, body string) func(*testing.T, *testRegistry) {
		return func(t *testing.T, r *testRegistry) {
			r.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				if name, value, ok := strings.Cut(header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(status)
				w.Write([]byte(body))
				return true
			}
		}
	}
	serves := func(change func(*v1.Manifest)) func(*testing.T, *testRegistry) {
		return func(t *testing.T, r *testRegistry) { r.push(t, good.editManifest(t, change), "box", "latest") }
	}
	configured := func(config string) func(*testing.T, *testRegistry) {
		return func(t *testing.T, r *testRegistry) { r.push(t, good.withConfig(t, []byte(config)), "box", "latest") }
	}
	index := func(p v1.Platform) func(*testing.T, *testRegistry) {
		return func(t *testing.T, r *testRegistry) {
			list := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{
				{MediaType: types.OCIManifestSchema1, Digest: hashOf(t, good.manifest), Size: int64(len(good.manifest)), Platform: &p},
			}}
			says(200, "Content-Type: "+string(types.OCIImageIndex), string(marshal(t, list)))(t, r)
		}
	}
	whole := string(good.config)
	tests := map[string]func(*testing.T, *testRegistry){
		"an error's message": says(403, "", `{"errors":[{"message":`+string(text)+`}]}`),
		"an error's code":    says(403, "", `{"errors":[{"code":`+string(text)+`}]}`),
		"an error's text":    says(403, "", forged),
		"a page":             says(200, "Content-Type: text/html", "<p>"+forged),
		"a status line": func(t *testing.T, r *testRegistry) {
			r.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err == nil {
					conn.Write([]byte("HTTP/1.1 403 \x1b[2JExecution is over\r\nContent-Length: 18\r\n\r\nExecution is over\x1b"))
					conn.Close()
				}
				return true
			}
		},
		"a redirect": says(307, "Location: ftp://Execution%20is%20over%0a\u202e/", ""),
		"a manifest's media type": func(t *testing.T, r *testRegistry) {
			says(200, "Content-Type: x", `{"schemaVersion":2,"mediaType":`+string(text)+`}`)(t, r)
		},
		"a configuration's media type": serves(func(m *v1.Manifest) { m.Config.MediaType = forged }),
		"a layer's media type":         serves(func(m *v1.Manifest) { m.Layers[0].MediaType = forged }),
		"an index's system":            index(v1.Platform{OS: forged, Architecture: "amd64"}),
		"an index's architecture":      index(v1.Platform{OS: "linux", Architecture: forged}),
		"an index's variant":           index(v1.Platform{OS: "linux", Architecture: "arm64", Variant: forged}),
		"an image's architecture":      configured(strings.Replace(whole, `"amd64"`, string(text), 1)),
		"an image's system":            configured(strings.Replace(whole, `"linux"`, string(text), 1)),
		"a file's name": func(t *testing.T, r *testRegistry) {
			r.push(t, buildImage(t, layerTar(t, entry{"../" + forged, "x"})), "box", "latest")
		},
	}
	for name, set := range tests {
		t.Run(name, func(t *testing.T) {
			r := plainRegistry(t)
			set(t, r)
			s := &session{t: t, s: openStore(t)}
			s.run("pull", "--tls-verify=false", "--arch=amd64", r.host+"/box")
			said := s.out.String() + s.errs.String()
			s.run("images")
			said += s.out.String() + s.errs.String()
			if !strings.Contains(said, "Execution is over") && !strings.Contains(said, "Execution%20is") {
				t.Errorf("it was not shown: %q", said)
			}
			for line := range strings.Lines(said) {
				rest := strings.TrimSuffix(line, "\n")
				if strings.HasPrefix(rest, "[") || strings.ContainsFunc(rest, func(r rune) bool { return unicode.IsControl(r) || r == '\u202e' }) {
					t.Errorf("raw: %q", line)
				}
			}
		})
	}
}
