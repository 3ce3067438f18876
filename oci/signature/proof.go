package signature

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"bootrc/oci/manifest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Proof is what is kept beside an image, to be checked again at each run.
type Proof struct {
	// Indexes are the documents by which the name led to the image's manifest, the first
	// first. Those who sign an image of several platforms sign its index.
	Indexes    [][]byte    `json:"indexes,omitempty"`
	Signatures []Signature `json:"signatures"`
}

// Signature is a text and its signature.
type Signature struct {
	// Envelope is DSSE's payload type ("DSSE v1"), or "" for a text that is signed as it is:
	// cosign's "Simple Signing".
	Envelope string `json:"envelope,omitempty"`
	Payload  []byte `json:"payload"`
	Value    []byte `json:"signature"`
}

// message is what was signed: of an envelope DSSE's "pre-authentication encoding".
func (s Signature) message() []byte {
	if s.Envelope == "" {
		return s.Payload
	}
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(s.Envelope), s.Envelope, len(s.Payload), s.Payload)
}

// MaxSignatures bounds how many signatures of an image are looked at.
const MaxSignatures = 64

// ParseProof reads what Encode wrote.
func ParseProof(data []byte) (*Proof, error) {
	p := new(Proof)
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("its signatures in the store are damaged: %w", err)
	}
	if len(p.Signatures) > MaxSignatures {
		p.Signatures = p.Signatures[:MaxSignatures]
	}
	return p, nil
}

// Encode returns the proof for a file.
func (p *Proof) Encode() []byte {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // of texts
	}
	return data
}

// Digests returns that of the image's manifest and of the indexes that lead to it: one whose
// entry for the next is missing leads nowhere.
func (p *Proof) Digests(image v1.Hash) []v1.Hash {
	all := []v1.Hash{image}
	for _, raw := range slices.Backward(p.Indexes) {
		d, err := manifest.Parse(raw, types.OCIImageIndex, v1.Hash{})
		if err != nil || !slices.ContainsFunc(d.Manifests, func(m v1.Descriptor) bool { return m.Digest == all[len(all)-1] }) {
			break
		}
		all = append(all, d.Digest)
	}
	return all
}

// claim is what a signature says.
type claim struct {
	digests    []string // of the image or its index: "sha256:…"
	repository string   // "" where it names none
	tag        string
	expires    string // RFC 3339
}

// annotations are those that signers may add (cosign sign -a NAME=VALUE).
type annotations map[string]any

func (a annotations) text(name string) string {
	text, _ := a[name].(string)
	return text
}

// What the forms of signatures say that they are.
const (
	statementType = "application/vnd.in-toto+json"
	signPredicate = "https://sigstore.dev/cosign/sign/v1"
	simpleSigning = "cosign container image signature"
)

// claim reads a payload, which is to be trusted already.
func (s Signature) claim() (claim, error) {
	switch s.Envelope {
	case "":
		return simpleClaim(s.Payload)
	case statementType:
		return statementClaim(s.Payload)
	}
	return claim{}, fmt.Errorf("it signs %.60q, which is no statement about an image", s.Envelope)
}

// simpleClaim reads containers-signature(5)'s JSON, as cosign writes it.
func simpleClaim(payload []byte) (claim, error) {
	var said struct {
		Critical struct {
			Type     string `json:"type"`
			Identity struct {
				Reference string `json:"docker-reference"`
			} `json:"identity"`
			Image struct {
				Digest string `json:"docker-manifest-digest"`
			} `json:"image"`
		} `json:"critical"`
		Optional annotations `json:"optional"`
	}
	if err := manifest.Decode(payload, &said); err != nil {
		return claim{}, fmt.Errorf("its text is broken: %w", err)
	}
	if said.Critical.Type != simpleSigning {
		return claim{}, fmt.Errorf("it is a %.60q, not a %q", said.Critical.Type, simpleSigning)
	}
	c := claim{}
	if said.Critical.Image.Digest != "" {
		c.digests = []string{said.Critical.Image.Digest}
	}
	return c.with(said.Critical.Identity.Reference, said.Optional)
}

// statementClaim reads in-toto's Statement, as cosign writes it into a bundle. Statements about
// how an image was built, or what is wrong with it, are by the same key, and allow nothing.
func statementClaim(payload []byte) (claim, error) {
	var said struct {
		Predicate string `json:"predicateType"`
		Subject   []struct {
			Name        string            `json:"name"`
			Digest      map[string]string `json:"digest"`
			Annotations annotations       `json:"annotations"`
		} `json:"subject"`
	}
	if err := manifest.Decode(payload, &said); err != nil {
		return claim{}, fmt.Errorf("its statement is broken: %w", err)
	}
	if said.Predicate != signPredicate {
		return claim{}, fmt.Errorf("it is a statement %.60q, not a signature", said.Predicate)
	}
	if len(said.Subject) != 1 {
		return claim{}, fmt.Errorf("it is about %d images, not about one", len(said.Subject))
	}
	c := claim{}
	for algorithm, sum := range said.Subject[0].Digest {
		if _, err := hex.DecodeString(sum); err == nil && sum != "" {
			c.digests = append(c.digests, algorithm+":"+sum)
		}
	}
	return c.with(said.Subject[0].Name, said.Subject[0].Annotations)
}
