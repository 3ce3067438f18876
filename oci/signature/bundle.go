package signature

import (
	"encoding/base64"
	"fmt"
	"strings"

	"bootrc/oci/manifest"
)

// ParseBundle reads sigstore's bundle with a DSSE envelope (sigstore_bundle.proto). Certificates
// and entries of a transparency log in it are of no use to who has a key.
func ParseBundle(data []byte) ([]Signature, error) {
	var bundle struct {
		Envelope *struct {
			Payload    []byte `json:"payload"`
			Type       string `json:"payloadType"`
			Signatures []struct {
				Value []byte `json:"sig"`
			} `json:"signatures"`
		} `json:"dsseEnvelope"`
	}
	if err := manifest.Decode(data, &bundle); err != nil {
		return nil, fmt.Errorf("sigstore bundle: %w", err)
	}
	if bundle.Envelope == nil || bundle.Envelope.Type == "" {
		return nil, nil // a signature of a file
	}
	var all []Signature
	for _, s := range bundle.Envelope.Signatures {
		all = append(all, Signature{Envelope: bundle.Envelope.Type, Payload: bundle.Envelope.Payload, Value: s.Value})
	}
	return all, nil
}

// Media types of the layers that signatures are in.
const (
	SimpleType = "application/vnd.dev.cosign.simplesigning.v1+json"
	bundleType = "application/vnd.dev.sigstore.bundle"
)

// Annotation has the signature of a layer of SimpleType, in base64.
const Annotation = "dev.cosignproject.cosign/signature"

// IsBundle tells the media type of a bundle, of whatever version.
func IsBundle(mediaType string) bool { return strings.HasPrefix(mediaType, bundleType) }

// Of reads the signatures in a layer of that media type.
func Of(mediaType, annotation string, content []byte) ([]Signature, error) {
	if IsBundle(mediaType) {
		return ParseBundle(content)
	}
	value, err := base64.StdEncoding.DecodeString(annotation)
	if err != nil {
		return nil, fmt.Errorf("its annotation %s is not base64", Annotation)
	}
	return []Signature{{Payload: content, Value: value}}, nil
}
