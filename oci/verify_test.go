package oci

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/oci/signature"
	"bootrc/test/built"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// pair is a private key, and its public one as cosign writes it.
type pair struct {
	private crypto.Signer
	public  []byte
}

func newPair(t testing.TB, private crypto.Signer, err error) pair {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pair{private, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})}
}

func newP256(t testing.TB) pair {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return newPair(t, key, err)
}

// sign signs as cosign does: SHA-256, but the text itself with Ed25519.
func (p pair) sign(t testing.TB, text []byte) []byte {
	t.Helper()
	sum := sha256.Sum256(text)
	digest, hash := sum[:], crypto.Hash(crypto.SHA256)
	if _, ok := p.private.(ed25519.PrivateKey); ok {
		digest, hash = text, 0
	}
	value, err := p.private.Sign(rand.Reader, digest, hash)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// simple is cosign's text for a signature.
func simple(name, digest string, more ...string) []byte {
	optional := "null"
	if len(more) > 0 {
		optional = "{" + strings.Join(more, ",") + "}"
	}
	return fmt.Appendf(nil, `{"critical":{"identity":{"docker-reference":%q},"image":{"docker-manifest-digest":%q},"type":"cosign container image signature"},"optional":%s}`,
		name, digest, optional)
}

// attach puts signatures where cosign puts them: a text and its signature each.
func (r *testRegistry) attach(t testing.TB, repository, digest string, signed ...[2][]byte) {
	t.Helper()
	config := []byte("{}")
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1,
		Config: v1.Descriptor{MediaType: types.OCIConfigJSON, Digest: hashOf(t, config), Size: 2}}
	image := testImage{config: config}
	for _, s := range signed {
		image.blobs = append(image.blobs, s[0])
		m.Layers = append(m.Layers, v1.Descriptor{MediaType: signature.SimpleType, Digest: hashOf(t, s[0]), Size: int64(len(s[0])),
			Annotations: map[string]string{signature.Annotation: base64.StdEncoding.EncodeToString(s[1])}})
	}
	image.manifest = marshal(t, m)
	r.push(t, image, repository, strings.Replace(digest, ":", "-", 1)+".sig")
}

// bundle makes a sigstore bundle of a statement.
func (p pair) bundle(t testing.TB, predicate, digest string, annotations map[string]string) []byte {
	t.Helper()
	statement := marshal(t, map[string]any{"_type": "https://in-toto.io/Statement/v1", "predicateType": predicate, "predicate": map[string]any{},
		"subject": []any{map[string]any{"digest": map[string]string{"sha256": strings.TrimPrefix(digest, "sha256:")}, "annotations": annotations}}})
	const kind = "application/vnd.in-toto+json"
	value := p.sign(t, fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(statement), statement))
	return marshal(t, map[string]any{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
		"verificationMaterial": map[string]any{"publicKey": map[string]string{"hint": "x"}},
		"dsseEnvelope":         map[string]any{"payload": statement, "payloadType": kind, "signatures": []any{map[string]any{"sig": value}}}})
}

// refer puts a bundle where it refers to a digest, by the interface or by its tag.
func (r *testRegistry) refer(t testing.TB, repository, digest string, byTag bool, bundle []byte) {
	t.Helper()
	config := []byte("{}")
	const kind = "application/vnd.dev.sigstore.bundle.v0.3+json"
	subject, err := v1.NewHash(digest)
	if err != nil {
		t.Fatal(err)
	}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, ArtifactType: kind,
		Config:  v1.Descriptor{MediaType: "application/vnd.oci.empty.v1+json", Digest: hashOf(t, config), Size: 2},
		Layers:  []v1.Descriptor{{MediaType: kind, Digest: hashOf(t, bundle), Size: int64(len(bundle))}},
		Subject: &v1.Descriptor{MediaType: types.OCIManifestSchema1, Digest: subject}}
	if byTag {
		m.Subject = nil
	}
	image := testImage{config: config, blobs: [][]byte{bundle}, manifest: marshal(t, m)}
	r.push(t, image, repository)
	if byTag {
		index := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{
			{MediaType: types.OCIManifestSchema1, ArtifactType: kind, Digest: hashOf(t, image.manifest), Size: int64(len(image.manifest))}}}
		r.put(t, "PUT", "/v2/"+repository+"/manifests/"+strings.Replace(digest, ":", "-", 1), string(types.OCIImageIndex), marshal(t, index))
	}
}

// rulesFile writes rules for a machine.
func rulesFile(t testing.TB, rules ...signature.Rule) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "verify.json")
	if err := signature.Rules(rules).Save(file); err != nil {
		t.Fatal(err)
	}
	return file
}

// Who would have another image run: each time one clear line, and nothing is in the store.
func TestAttacksOnSignatures(t *testing.T) {
	key, other := newP256(t), newP256(t)
	image := buildImage(t, layerTar(t, entry{"v", "good"}))
	evil := buildImage(t, layerTar(t, entry{"v", "evil"}))
	digest, evilDigest := hashOf(t, image.manifest).String(), hashOf(t, evil.manifest).String()
	const sign = "https://sigstore.dev/cosign/sign/v1"
	yesterday := time.Now().Add(-24 * time.Hour).Format(time.RFC3339)
	signed := func(by pair, text []byte) [2][]byte { return [2][]byte{text, by.sign(t, text)} }
	named := signature.Rule{Keys: [][]byte{key.public}, Named: true}
	for _, test := range []struct {
		name    string
		rule    signature.Rule
		ref     string
		prepare func(r *testRegistry)
		want    string
	}{
		{"unsigned", signature.Rule{}, "", func(r *testRegistry) {}, "it is not signed, as b2c.verify=HOST/farm wants it"},
		{"no rule", signature.Rule{Prefix: "registry.example"}, "", func(r *testRegistry) {}, "no rule of b2c.verify= allows HOST/farm/box:latest"},
		{"a rule for a name that begins alike", signature.Rule{Prefix: "HOST/far", Unsigned: true}, "", func(r *testRegistry) {}, "no rule of b2c.verify= allows HOST/farm/box:latest"},
		{"another key", signature.Rule{}, "", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(other, simple(r.host+"/farm/box", digest)))
		}, "none of its signatures (1) is by a key of b2c.verify=HOST/farm"},
		{"another repository's signature", signature.Rule{}, "", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(key, simple(r.host+"/farm/other", digest)))
		}, "does not allow it: it is for HOST/farm/other"},
		{"another tag's signature", signature.Rule{}, ":v2", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(key, simple(r.host+"/farm/box:v1", digest)))
		}, "it is for the tag v1"},
		{"another tag, by an annotation", signature.Rule{}, ":v2", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(key, simple(r.host+"/farm/box", digest, `"tag":"v1"`)))
		}, "it is for the tag v1"},
		{"another image's signature", signature.Rule{}, "", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(key, simple(r.host+"/farm/box", evilDigest)))
		}, "it is of another image, " + evilDigest},
		{"stripped digest", signature.Rule{}, "", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(key, simple(r.host+"/farm/box", "")))
		}, "it has no digest"},
		{"altered payload", signature.Rule{}, "", func(r *testRegistry) {
			s := signed(key, simple(r.host+"/farm/box", evilDigest))
			s[0] = bytes.Replace(s[0], []byte(evilDigest), []byte(digest), 1)
			r.attach(t, "farm/box", digest, s)
		}, "none of its signatures (1) is by a key"},
		{"signature cut short", signature.Rule{}, "", func(r *testRegistry) {
			s := signed(key, simple(r.host+"/farm/box", digest))
			s[1] = s[1][:8]
			r.attach(t, "farm/box", digest, s)
		}, "none of its signatures (1) is by a key"},
		{"expired", signature.Rule{}, "", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(key, simple(r.host+"/farm/box", digest, `"expires":"`+yesterday+`"`)))
		}, "it was valid until "},
		{"a time that is none", signature.Rule{}, "", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(key, simple(r.host+"/farm/box", digest, `"expires":"tomorrow"`)))
		}, `its time "tomorrow" is not like 2026-12-31T00:00:00Z`},
		{"another kind of text", signature.Rule{}, "", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(key, bytes.Replace(simple(r.host+"/farm/box", digest), []byte("cosign container"), []byte("atomic container"), 1)))
		}, `it is a "atomic container image signature"`},
		{"what a scanner says of it", signature.Rule{}, "", func(r *testRegistry) {
			r.refer(t, "farm/box", digest, false, key.bundle(t, "https://cosign.sigstore.dev/attestation/vuln/v1", digest, nil))
		}, `it is a statement "https://cosign.sigstore.dev/attestation/vuln/v1", not a signature`},
		{"a bundle of another image", signature.Rule{}, "", func(r *testRegistry) {
			r.refer(t, "farm/box", digest, true, key.bundle(t, sign, evilDigest, nil))
		}, "it is of another image, " + evilDigest},
		{"a bundle by another key", signature.Rule{}, "", func(r *testRegistry) {
			r.refer(t, "farm/box", digest, false, other.bundle(t, sign, digest, nil))
		}, "none of its signatures (1) is by a key"},
		{"a bundle of another repository", signature.Rule{}, "", func(r *testRegistry) {
			r.refer(t, "farm/box", digest, false, key.bundle(t, sign, digest, map[string]string{"repository": r.host + "/farm/other"}))
		}, "it is for HOST/farm/other"},
		{"no name where the rule wants one", named, "", func(r *testRegistry) {
			r.refer(t, "farm/box", digest, false, key.bundle(t, sign, digest, nil))
		}, "it names no repository"},
		{"no tag where the rule wants one", named, "", func(r *testRegistry) {
			r.attach(t, "farm/box", digest, signed(key, simple(r.host+"/farm/box", digest)))
		}, "it names no tag"},
		{"a digest in the reference, where the rule says nothing of it", signature.Rule{}, "@" + digest, func(r *testRegistry) {}, "it is not signed"},
		{"no digest in the reference, where the rule wants one", signature.Rule{Pinned: true}, "", func(r *testRegistry) {}, "it is not signed"},
		{"an index that another is hidden in", signature.Rule{}, ":multi", func(r *testRegistry) {
			r.push(t, evil, "farm/box")
			list := marshal(t, v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{
				{MediaType: types.OCIManifestSchema1, Digest: hashOf(t, evil.manifest), Size: 1, Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}},
				{MediaType: types.OCIManifestSchema1, Digest: hashOf(t, image.manifest), Size: 1, Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}}})
			r.put(t, "PUT", "/v2/farm/box/manifests/multi", string(types.OCIImageIndex), list)
			r.attach(t, "farm/box", digest, signed(key, simple(r.host+"/farm/box", digest)))
		}, "it is not signed"},
		{"signatures without end", signature.Rule{}, "", func(r *testRegistry) {
			var all [][2][]byte
			for i := range 200 {
				all = append(all, signed(other, simple(r.host+"/farm/box", digest, fmt.Sprintf(`"n":"%d"`, i))))
			}
			r.attach(t, "farm/box", digest, all...)
		}, "none of its signatures (64) is by a key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := plainRegistry(t)
			r.push(t, image, "farm/box", "latest", "v1", "v2")
			test.prepare(r)
			rule := test.rule
			if rule.Prefix = strings.ReplaceAll(rule.Prefix, "HOST", r.host); rule.Prefix == "" {
				rule.Prefix = r.host + "/farm"
			}
			if rule.Keys == nil {
				rule.Keys = [][]byte{key.public}
			}
			o := hasty()
			o.Rules = rulesFile(t, rule)
			s := openStore(t)
			_, err := Get(t.Context(), s, mustParse(t, r.host+"/farm/box"+test.ref), Always, o)
			checkError(t, err, "pull "+r.host+"/farm/box", strings.ReplaceAll(test.want, "HOST", r.host))
			checkEmpty(t, s)
		})
	}
}

// An older image, with a good signature, in the place of a newer one.
func TestOlderImages(t *testing.T) {
	key := newP256(t)
	r := plainRegistry(t)
	made := func(day int) testImage {
		image := buildImage(t, layerTar(t, entry{"day", fmt.Sprint(day)}))
		config := bytes.Replace(image.config, []byte(`"os":`), fmt.Appendf(nil, `"created":"2026-11-%02dT00:00:00Z","os":`, day), 1)
		image = image.withConfig(t, bytes.Replace(config, []byte(`"created":"0001-01-01T00:00:00Z",`), nil, 1))
		digest := hashOf(t, image.manifest).String()
		r.push(t, image, "box", "latest")
		text := simple(r.host+"/box", digest)
		r.attach(t, "box", digest, [2][]byte{text, key.sign(t, text)})
		return image
	}
	s, o := openStore(t), hasty()
	get := func() error {
		_, err := Get(t.Context(), s, mustParse(t, r.host+"/box"), Always, o)
		return err
	}
	old := made(1)
	for _, forward := range []bool{true, false} {
		o.Rules = rulesFile(t, signature.Rule{Prefix: "*", Keys: [][]byte{key.public}, Forward: forward})
		r.push(t, old, "box", "latest")
		if err := get(); forward && err != nil {
			t.Fatal(err)
		}
		made(20)
		if err := get(); err != nil {
			t.Fatal(err)
		}
		if err := get(); err != nil {
			t.Errorf("the same again: %v", err)
		}
		r.push(t, old, "box", "latest")
		if err := get(); forward {
			checkError(t, err, "pull ", "it is older, of 2026-11-01T00:00:00Z, than the image of that name that ran last, of 2026-11-20T00:00:00Z")
		} else if err != nil {
			t.Errorf("a rule that does not forbid it: %v", err)
		}
	}
}

// Each kind of key and place of a signature lets an image run, also when the registry is gone,
// and no longer when the rules are others.
func TestSignedImages(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	pairs := map[string]pair{"P-256": newP256(t), "P-384": newPair(t, p384, err)}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	pairs["Ed25519"] = newPair(t, ed, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	pairs["RSA"] = newPair(t, rsaKey, err)
	image := buildImage(t, layerTar(t, entry{"v", "good"}))
	digest := hashOf(t, image.manifest).String()
	list := marshal(t, v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{
		{MediaType: types.OCIManifestSchema1, Digest: hashOf(t, image.manifest), Size: 1, Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}}})
	listDigest := hashOf(t, list).String()
	places := map[string]func(r *testRegistry, p pair){
		"tag": func(r *testRegistry, p pair) {
			text := simple(r.host+"/box", digest, `"expires":"2100-01-01T00:00:00Z"`)
			r.attach(t, "box", digest, [2][]byte{text, p.sign(t, text)})
		},
		"tag, of the index": func(r *testRegistry, p pair) {
			text := simple(r.host+"/box:latest", listDigest)
			r.attach(t, "box", listDigest, [2][]byte{text, p.sign(t, text)})
		},
		"bundle": func(r *testRegistry, p pair) {
			r.refer(t, "box", digest, false, p.bundle(t, "https://sigstore.dev/cosign/sign/v1", digest, nil))
		},
		"bundle by tag, of the index": func(r *testRegistry, p pair) {
			r.refer(t, "box", listDigest, true, p.bundle(t, "https://sigstore.dev/cosign/sign/v1", listDigest, map[string]string{"repository": r.host + "/box", "tag": "latest"}))
		},
	}
	for kind, p := range pairs {
		for place, put := range places {
			t.Run(kind+", "+place, func(t *testing.T) {
				r := plainRegistry(t)
				r.push(t, image, "box")
				r.put(t, "PUT", "/v2/box/manifests/latest", string(types.OCIImageIndex), list)
				put(r, p)
				o, s := hasty(), openStore(t)
				o.Offline = true
				o.Rules = rulesFile(t, signature.Rule{Prefix: r.host, Keys: [][]byte{newP256(t).public, p.public}})
				ref := mustParse(t, r.host+"/box")
				got, err := Get(t.Context(), s, ref, Always, o)
				if err != nil {
					t.Fatal(err)
				}
				r.Close()
				digits := mustParse(t, got.ID.String())
				for _, policy := range []Policy{Always, Never, Missing, Newer} {
					if _, err := Get(t.Context(), s, ref, policy, o); err != nil {
						t.Errorf("offline, %s: %v", policy, err)
					}
				}
				if _, err := Get(t.Context(), s, digits, Never, o); err != nil {
					t.Errorf("by its digits: %v", err)
				}
				o.Rules = rulesFile(t, signature.Rule{Prefix: r.host, Keys: [][]byte{newP256(t).public}})
				_, err = Get(t.Context(), s, ref, Never, o)
				checkError(t, err, ref.String()+": the image in the store: ", "none of its signatures (1) is by a key")
				_, err = Get(t.Context(), s, digits, Never, o)
				checkError(t, err, digits.String()+": the image in the store: ", "none of its signatures (1) is by a key")
				if err := s.Remove(t.Context(), ref.String()); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Proof(got.Digest); err == nil {
					t.Error("its signatures outlive it")
				}
			})
		}
	}
}

// What rules let run without a signature, and what an image costs that was there before.
func TestRules(t *testing.T) {
	key := newP256(t)
	image := buildImage(t, layerTar(t, entry{"v", "x"}))
	digest := hashOf(t, image.manifest).String()
	r := plainRegistry(t)
	r.push(t, image, "free/box", "latest")
	r.push(t, image, "farm/box", "latest")
	s, o := openStore(t), hasty()
	if _, err := Get(t.Context(), s, mustParse(t, r.host+"/farm/box"), Always, o); err != nil {
		t.Fatal(err)
	}
	o.Rules = rulesFile(t, signature.Rule{Prefix: "*", Keys: [][]byte{key.public}, Pinned: true},
		signature.Rule{Prefix: r.host + "/free", Unsigned: true}, signature.Rule{Prefix: r.host + "/free/box:old", Keys: [][]byte{key.public}})
	for ref, want := range map[string]string{
		r.host + "/free/box": "", r.host + "/farm/box@" + digest: "", r.host + "/farm/box": "it is not signed",
		r.host + "/free/box:old": "not found", "oci:/nowhere": "not an image layout",
	} {
		_, err := Get(t.Context(), s, mustParse(t, ref), Always, o)
		if want == "" && err != nil {
			t.Errorf("%s: %v", ref, err)
		} else if want != "" {
			checkError(t, err, "pull ", want)
		}
	}
	// in the store, all digits of an image are its digest, and fewer are but a name
	for ref, want := range map[string]string{digest: "", digest[:20]: "it is not signed", r.host + "/farm/box@" + digest: ""} {
		_, err := Get(t.Context(), s, mustParse(t, ref), Never, o)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", ref, err)
		}
	}
	// it came before there were rules: its signature is fetched, once there is one
	text := simple(r.host+"/farm/box", digest)
	r.attach(t, "farm/box", digest, [2][]byte{text, key.sign(t, text)})
	if _, err := Get(t.Context(), s, mustParse(t, r.host+"/farm/box"), Missing, o); err != nil {
		t.Error(err)
	}
	if _, err := Get(t.Context(), s, mustParse(t, r.host+"/farm/box"), Never, o); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"", "[]", `{"a"`} {
		if err := os.WriteFile(o.Rules, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Get(t.Context(), s, mustParse(t, r.host+"/free/box"), Never, o); err == nil {
			t.Errorf("it runs by the rules %q", text)
		}
	}
}

// Signatures by cosign itself, in both forms, with each kind of key that it makes or takes.
func TestCosign(t *testing.T) {
	cosign, err := built.File("cosign")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(cosign, args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "COSIGN_PASSWORD=", "HOME="+folder)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("cosign %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	run("generate-key-pair")
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	edPair := newPair(t, ed, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 3072)
	rsaPair := newPair(t, rsaKey, err)
	for name, p := range map[string]pair{"ed25519": edPair, "rsa": rsaPair} {
		der, err := x509.MarshalPKCS8PrivateKey(p.private)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		run("import-key-pair", "--key", name+".pem", "--output-key-prefix", name)
	}
	// without these, cosign asks the servers of sigstore
	alone := []string{"--use-signing-config=false", "--tlog-upload=false"}
	for _, form := range []struct {
		name string
		args []string
	}{
		{"tag", []string{"--new-bundle-format=false"}},
		{"bundle", []string{"--new-bundle-format=true", "-a", "tag=latest"}},
	} {
		for _, name := range []string{"cosign", "ed25519", "rsa"} {
			t.Run(form.name+", "+name, func(t *testing.T) {
				r := plainRegistry(t)
				image := buildImage(t, layerTar(t, entry{"v", form.name + name}))
				r.push(t, image, "box", "latest", "v2")
				args := append([]string{"sign", "--yes", "--allow-insecure-registry", "--allow-http-registry", "--key", name + ".key"}, slices.Concat(alone, form.args)...)
				run(append(args, r.host+"/box@"+hashOf(t, image.manifest).String())...)
				public, err := os.ReadFile(filepath.Join(folder, name+".pub"))
				if err != nil {
					t.Fatal(err)
				}
				o, s := hasty(), openStore(t)
				o.Offline = true
				o.Rules = rulesFile(t, signature.Rule{Prefix: r.host + "/box", Keys: [][]byte{public}})
				if _, err := Get(t.Context(), s, mustParse(t, r.host+"/box"), Always, o); err != nil {
					t.Fatal(err)
				}
				_, err = Get(t.Context(), s, mustParse(t, r.host+"/box:v2"), Always, o)
				if form.name == "bundle" {
					checkError(t, err, "pull ", "it is for the tag latest")
				} else if err != nil {
					t.Error(err)
				}
				r.Close()
				if _, err := Get(t.Context(), s, mustParse(t, r.host+"/box"), Always, o); err != nil {
					t.Errorf("offline: %v", err)
				}
			})
		}
	}
}
