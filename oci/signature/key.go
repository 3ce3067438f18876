// Package signature decides which images may run: by rules, and by the signatures that cosign
// makes with a key. It checks them with the standard library; sigstore's own packages are
// twelve times as large as all that the initramfs has for images.
package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// minRSA is how many bits an RSA key must have.
const minRSA = 2048

// Key is a public key: *ecdsa.PublicKey, ed25519.PublicKey or *rsa.PublicKey.
type Key = crypto.PublicKey

// ParseKeys reads public keys as cosign and openssl write them: PEM blocks "PUBLIC KEY", or one
// in DER (RFC 5280, SubjectPublicKeyInfo).
func ParseKeys(data []byte) ([]Key, error) {
	if !bytes.Contains(data, []byte("-----BEGIN")) {
		data = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: data})
	}
	var keys []Key
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "PUBLIC KEY" {
			return nil, fmt.Errorf("expected a public key in PEM, got %.40q", block.Type)
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("public key: %w", err)
		}
		if err := checkKey(key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if keys == nil {
		return nil, errors.New("no public key in PEM")
	}
	return keys, nil
}

func checkKey(key Key) error {
	switch key := key.(type) {
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return nil
	case *rsa.PublicKey:
		if key.N.BitLen() < minRSA {
			return fmt.Errorf("an RSA key of %d bits is too short: it needs %d", key.N.BitLen(), minRSA)
		}
		return nil
	}
	return fmt.Errorf("a key of type %T: expected ECDSA, Ed25519 or RSA", key)
}

// isSignedBy tells whether the signature is one of the message by the key. Cosign hashes with
// SHA-256 for each key, and later also with what fits a curve's size.
func isSignedBy(key Key, message, signature []byte) bool {
	hashes := []crypto.Hash{crypto.SHA256}
	switch key := key.(type) {
	case ed25519.PublicKey:
		sum := sha512.Sum512(message) // what cosign signs: Ed25519ph (RFC 8032, section 5.1)
		return ed25519.VerifyWithOptions(key, sum[:], signature, &ed25519.Options{Hash: crypto.SHA512}) == nil ||
			ed25519.Verify(key, message, signature)
	case *ecdsa.PublicKey:
		if size := key.Curve.Params().BitSize; size > 384 {
			hashes = append(hashes, crypto.SHA512)
		} else if size > 256 {
			hashes = append(hashes, crypto.SHA384)
		}
	}
	for _, hash := range hashes {
		h := hash.New()
		h.Write(message)
		sum := h.Sum(nil)
		switch key := key.(type) {
		case *ecdsa.PublicKey:
			if ecdsa.VerifyASN1(key, sum, signature) {
				return true
			}
		case *rsa.PublicKey:
			if rsa.VerifyPKCS1v15(key, hash, sum, signature) == nil {
				return true
			}
		}
	}
	return false
}
