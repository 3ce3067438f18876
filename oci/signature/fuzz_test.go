package signature

import (
	"strings"
	"testing"
	"time"

	"bootrc/oci/reference"
	"bootrc/test/bound"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

const somePublicKey = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`

// FuzzProof takes any text for what a registry has, or the store has kept: nothing in it
// allows an image without the key.
func FuzzProof(f *testing.F) {
	f.Add(`{"dsseEnvelope":{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"AA=="}]}}`,
		`{"critical":{"identity":{"docker-reference":"a/b:c"},"image":{"docker-manifest-digest":"sha256:00"},"type":"cosign container image signature"},"optional":{"tag":"x"}}`, "AA==")
	f.Add(`{"indexes":["e30="],"signatures":[{"payload":"e30=","signature":"AA=="}]}`, `{"predicateType":"https://sigstore.dev/cosign/sign/v1","subject":[{"digest":{"sha256":"00"}}]}`, "")
	ref, err := reference.Parse("registry.example/box:v1")
	if err != nil {
		f.Fatal(err)
	}
	rules := Rules{{Prefix: "*", Keys: [][]byte{[]byte(somePublicKey)}}}
	image := v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("0", 64)}
	f.Fuzz(func(t *testing.T, bundle, payload, annotation string) {
		bound.Input(t, len(bundle)+len(payload)+len(annotation))
		proof, err := ParseProof([]byte(bundle))
		if err != nil {
			proof = new(Proof)
		}
		signed, _ := Of(bundleType+".v0.3+json", "", []byte(bundle))
		more, _ := Of(SimpleType, annotation, []byte(payload))
		proof.Signatures = append(append(proof.Signatures, signed...), more...)
		for _, envelope := range []string{"", statementType} {
			if c, err := (Signature{Envelope: envelope, Payload: []byte(payload)}).claim(); err == nil {
				rules[0].checkClaim(c, ref, []v1.Hash{image}, time.Unix(0, 0))
			}
		}
		if err := rules.Check(ref, image, proof, time.Now()); err == nil {
			t.Error("it may run")
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q", err)
		}
	})
}

// FuzzRule takes any text for a rule and for a key.
func FuzzRule(f *testing.F) {
	f.Add("registry.example/team,key=/k,sha256=00,pinned", somePublicKey)
	f.Add("*,unsigned", "")
	f.Fuzz(func(t *testing.T, text, key string) {
		bound.Input(t, len(text)+len(key))
		rule, err := ParseRule(text, func(string) ([]byte, error) { return []byte(key), nil })
		if err == nil && rule.Keys == nil && !rule.Unsigned && !rule.Pinned {
			t.Errorf("%q allows everything", text)
		}
	})
}
