package sshsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"math/big"
)

// minRSA is how many bits an RSA key must have.
const minRSA = 2048

// errWrong is a signature that is not of the message, or not by the key.
var errWrong = errors.New("the signature does not fit: what is signed was altered")

// verifier returns what checks an encoded signature of a message.
func (k Key) verifier() (func(message, signature []byte) error, error) {
	r := &reader{rest: []byte(k)}
	kind, err := r.text()
	if err != nil {
		return nil, err
	}
	switch string(kind) {
	case "ssh-ed25519", "sk-ssh-ed25519@openssh.com":
		return ed25519Verifier(string(kind), r)
	case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ecdsa-sha2-nistp256@openssh.com":
		return ecdsaVerifier(string(kind), r)
	case "ssh-rsa":
		return rsaVerifier(r)
	}
	return nil, fmt.Errorf("a key of the type %.40q is not known: ssh-ed25519, ecdsa-sha2-…, ssh-rsa and those of security keys are", kind)
}

func ed25519Verifier(kind string, r *reader) (func(message, signature []byte) error, error) {
	public, err := r.text()
	application, err := r.application(kind, err)
	if err == nil && len(public) != ed25519.PublicKeySize {
		err = errors.New("the key has a wrong length")
	}
	return func(message, signature []byte) error {
		value, message, err := openSignature(kind, application, message, signature)
		if err == nil && !ed25519.Verify(public, message, value) {
			err = errWrong
		}
		return err
	}, err
}

// curves are those of RFC 5656, with the hash that goes with each.
var curves = map[string]struct {
	curve elliptic.Curve
	sum   func([]byte) []byte
}{
	"nistp256": {elliptic.P256(), func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }},
	"nistp384": {elliptic.P384(), func(b []byte) []byte { s := sha512.Sum384(b); return s[:] }},
	"nistp521": {elliptic.P521(), func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }},
}

func ecdsaVerifier(kind string, r *reader) (func(message, signature []byte) error, error) {
	name, err := r.text()
	if err != nil {
		return nil, err
	}
	point, err := r.text()
	application, err := r.application(kind, err)
	if err != nil {
		return nil, err
	}
	c, ok := curves[string(name)]
	if !ok {
		return nil, fmt.Errorf("the key's curve %.40q is not known", name)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(c.curve, point)
	return func(message, signature []byte) error {
		value, message, err := openSignature(kind, application, message, signature)
		if err != nil {
			return err
		}
		pair := &reader{rest: value}
		first, err := pair.integer()
		if err != nil {
			return err
		}
		second, err := pair.integer()
		if err == nil {
			err = pair.end()
		}
		if err == nil && !ecdsa.Verify(public, c.sum(message), first, second) {
			err = errWrong
		}
		return err
	}, err
}

func rsaVerifier(r *reader) (func(message, signature []byte) error, error) {
	exponent, err := r.integer()
	if err != nil {
		return nil, err
	}
	modulus, err := r.integer()
	if err == nil {
		err = r.end()
	}
	if err == nil && (modulus.BitLen() < minRSA || !exponent.IsInt64() || exponent.Int64() > 1<<31-1 || exponent.Int64() < 3) {
		err = fmt.Errorf("an RSA key of %d bits is too short, or odd: it needs %d", modulus.BitLen(), minRSA)
	}
	if err != nil {
		return nil, err
	}
	public := &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}
	return func(message, signature []byte) error {
		pair := &reader{rest: signature}
		kind, err := pair.text()
		if err != nil {
			return err
		}
		value, err := pair.text()
		if err == nil {
			err = pair.end()
		}
		if err != nil {
			return err
		}
		hash, sum := crypto.SHA512, []byte(nil)
		switch string(kind) {
		case "rsa-sha2-512":
			s := sha512.Sum512(message)
			sum = s[:]
		case "rsa-sha2-256":
			s := sha256.Sum256(message)
			hash, sum = crypto.SHA256, s[:]
		default:
			return fmt.Errorf("a signature of the type %.40q is not taken", kind)
		}
		if rsa.VerifyPKCS1v15(public, hash, sum, value) != nil {
			return errWrong
		}
		return nil
	}, nil
}

// isPresent is the flag of a security key that somebody has touched it.
const isPresent = 1

// openSignature returns the value in an encoded signature, which must be of the key's type, and
// what it is of: a security key signs more than the message (PROTOCOL.u2f, "SSH U2F Signatures").
func openSignature(kind string, application, message, signature []byte) (value, signed []byte, err error) {
	r := &reader{rest: signature}
	got, err := r.text()
	if err != nil {
		return nil, nil, err
	}
	if value, err = r.text(); err != nil {
		return nil, nil, err
	}
	if string(got) != kind {
		return nil, nil, fmt.Errorf("a signature of the type %.40q by a key of the type %s", got, kind)
	}
	if application == nil {
		return value, message, r.end()
	}
	if len(r.rest) != 5 {
		return nil, nil, errShort
	}
	if r.rest[0]&isPresent == 0 {
		return nil, nil, errors.New("nobody has touched the security key")
	}
	place, sum := sha256.Sum256(application), sha256.Sum256(message)
	signed = append(place[:], r.rest...)
	return value, append(signed, sum[:]...), nil
}

var errShort = errors.New("it ends too early, or goes on")

// reader reads the encodings of RFC 4251, section 5.
type reader struct{ rest []byte }

func (r *reader) number() (uint32, error) {
	if len(r.rest) < 4 {
		return 0, errShort
	}
	n := uint32(r.rest[0])<<24 | uint32(r.rest[1])<<16 | uint32(r.rest[2])<<8 | uint32(r.rest[3])
	r.rest = r.rest[4:]
	return n, nil
}

func (r *reader) text() ([]byte, error) {
	n, err := r.number()
	if err != nil || uint64(n) > uint64(len(r.rest)) {
		return nil, errShort
	}
	text := r.rest[:n]
	r.rest = r.rest[n:]
	return text, nil
}

// integer reads a multiple precision integer, which must not be negative.
func (r *reader) integer() (*big.Int, error) {
	b, err := r.text()
	if err != nil {
		return nil, err
	}
	if len(b) > 0 && b[0]&0x80 != 0 || len(b) > 2<<10 {
		return nil, errors.New("a number in it is negative, or too long")
	}
	return new(big.Int).SetBytes(b), nil
}

// application reads what a security key's public key has at its end: what it was made for. Of
// other keys it returns nil.
func (r *reader) application(kind string, err error) ([]byte, error) {
	if err == nil && len(kind) > 3 && kind[:3] == "sk-" {
		var application []byte
		if application, err = r.text(); err == nil {
			return application, r.end()
		}
	}
	if err == nil {
		err = r.end()
	}
	return nil, err
}

func (r *reader) end() error {
	if len(r.rest) > 0 {
		return errShort
	}
	return nil
}

func appendText(b, text []byte) []byte {
	n := len(text)
	b = append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	return append(b, text...)
}
