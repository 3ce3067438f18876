// Package sshsig checks the signatures that `ssh-keygen -Y sign` makes of files: OpenSSH's
// PROTOCOL.sshsig, with keys as RFC 4253, 5656 and 8709 and PROTOCOL.u2f have them.
package sshsig

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Key is a public key in SSH's encoding. Two are equal if their bytes are.
type Key string

// ParseKey reads a key as a line of id_ed25519.pub has it, "ssh-ed25519 AAAA… comment", or its
// second word alone.
func ParseKey(line string) (Key, error) {
	for _, word := range strings.Fields(line) {
		if !strings.HasPrefix(word, "AAAA") {
			continue
		}
		blob, err := base64.StdEncoding.DecodeString(word)
		if err != nil {
			return "", errors.New("the key is not base64")
		}
		key := Key(blob)
		if _, err := key.verifier(); err != nil {
			return "", err
		}
		return key, nil
	}
	return "", errors.New("expected a public key such as ssh-ed25519 AAAA…")
}

// begin and end enclose a signature in text.
const (
	begin = "-----BEGIN SSH SIGNATURE-----"
	end   = "-----END SSH SIGNATURE-----"
)

// Cut takes a signature that stands at the end of a text off it; ok is false where there is none.
func Cut(data []byte) (content, signature []byte, ok bool) {
	trimmed := bytes.TrimRight(data, " \t\r\n")
	at := bytes.LastIndex(trimmed, []byte(begin))
	if at < 0 || at > 0 && trimmed[at-1] != '\n' || !bytes.HasSuffix(trimmed, []byte(end)) {
		return data, nil, false
	}
	return data[:at], trimmed[at:], true
}

// magic begins a signature, and what is signed.
const magic = "SSHSIG"

// Signature is one that was read, and not yet checked.
type Signature struct {
	key       Key
	namespace []byte
	reserved  []byte
	hash      string
	value     []byte
}

// Parse reads a signature in its armor.
func Parse(armored []byte) (*Signature, error) {
	block, _ := pem.Decode(armored)
	if block == nil || block.Type != "SSH SIGNATURE" {
		return nil, errors.New("it is no SSH signature: ssh-keygen -Y sign makes one")
	}
	s, err := parse(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the SSH signature is broken: %w", err)
	}
	return s, nil
}

func parse(blob []byte) (*Signature, error) {
	rest, ok := bytes.CutPrefix(blob, []byte(magic))
	if !ok {
		return nil, errors.New("it does not begin with " + magic)
	}
	r := &reader{rest: rest}
	version, err := r.number()
	if err == nil && version != 1 {
		return nil, fmt.Errorf("it is of version %d, and only 1 is known", version)
	}
	var fields [5][]byte
	for i := range fields {
		if err == nil {
			fields[i], err = r.text()
		}
	}
	if err == nil {
		err = r.end()
	}
	return &Signature{Key(fields[0]), fields[1], fields[2], string(fields[3]), fields[4]}, err
}

// Verify fails unless the signature of the message is by one of the keys, for that namespace.
func (s *Signature) Verify(message []byte, namespace string, keys []Key) error {
	if string(s.namespace) != namespace {
		return fmt.Errorf("it is signed for %.40q, not for %q: ssh-keygen -Y sign -n %s", s.namespace, namespace, namespace)
	}
	for _, key := range keys {
		if key != s.key {
			continue
		}
		verify, err := key.verifier()
		if err != nil {
			return err
		}
		signed, err := s.signed(message)
		if err != nil {
			return err
		}
		return verify(signed, s.value)
	}
	return fmt.Errorf("it is signed by another key, %s", s.key.Fingerprint())
}

// Fingerprint is how ssh-keygen -l shows the key.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256([]byte(k))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// signed returns what was signed of a message.
func (s *Signature) signed(message []byte) ([]byte, error) {
	var sum []byte
	switch s.hash {
	case "sha256":
		h := sha256.Sum256(message)
		sum = h[:]
	case "sha512":
		h := sha512.Sum512(message)
		sum = h[:]
	default:
		return nil, fmt.Errorf("it has the hash %.40q, and only sha256 and sha512 are known", s.hash)
	}
	signed := []byte(magic)
	for _, field := range [][]byte{s.namespace, s.reserved, []byte(s.hash), sum} {
		signed = appendText(signed, field)
	}
	return signed, nil
}
