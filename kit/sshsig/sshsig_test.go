package sshsig

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/test/bound"
	"bootrc/test/program"
)

// signer is a key of ssh-keygen's.
type signer struct {
	file string
	key  Key
}

func newSigner(t testing.TB, kind string, options ...string) signer {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	run(t, append([]string{"-q", "-t", kind, "-N", "", "-f", file}, options...)...)
	public, err := os.ReadFile(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(string(public))
	if err != nil {
		t.Fatal(err)
	}
	return signer{file, key}
}

func run(t testing.TB, args ...string) {
	t.Helper()
	if out, err := exec.Command(program.Need(t, "ssh-keygen"), args...).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// sign returns the signature of a text in its armor.
func (s signer) sign(t testing.TB, namespace, text string, options ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, append(append([]string{"-q", "-Y", "sign", "-f", s.file, "-n", namespace}, options...), file)...)
	signature, err := os.ReadFile(file + ".sig")
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func verify(armored []byte, message, namespace string, keys ...Key) error {
	s, err := Parse(armored)
	if err != nil {
		return err
	}
	err = s.Verify([]byte(message), namespace, keys)
	return err
}

// What ssh-keygen signs is taken, by each kind of key, and nothing else is.
func TestSSHKeygen(t *testing.T) {
	other := newSigner(t, "ed25519")
	for _, kind := range [][]string{
		{"ed25519"}, {"ecdsa", "-b", "256"}, {"ecdsa", "-b", "384"}, {"ecdsa", "-b", "521"}, {"rsa", "-b", "2048"}, {"rsa", "-b", "3072"},
	} {
		t.Run(strings.Join(kind, " "), func(t *testing.T) {
			s := newSigner(t, kind[0], kind[1:]...)
			for _, hash := range []string{"sha256", "sha512"} {
				signature := s.sign(t, "bootrc", "text\n", "-O", "hashalg="+hash)
				if err := verify(signature, "text\n", "bootrc", other.key, s.key); err != nil {
					t.Errorf("%s: %v", hash, err)
				}
				for want, err := range map[string]error{
					"the signature does not fit":                verify(signature, "text", "bootrc", s.key),
					"it is signed by another key, SHA256:":      verify(signature, "text\n", "bootrc", other.key),
					`it is signed for "bootrc", not for "file"`: verify(signature, "text\n", "file", s.key),
					"it is no SSH signature":                    verify(nil, "text\n", "bootrc", s.key),
				} {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%s: got %v, want %s", hash, err, want)
					}
				}
				if hash == "sha256" {
					continue
				}
				// no byte of it may be another
				block, _ := pem.Decode(signature)
				for i := range block.Bytes {
					broken := bytes.Clone(block.Bytes)
					broken[i] ^= 1
					if verify(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: broken}), "text\n", "bootrc", s.key) == nil {
						t.Errorf("byte %d may be another", i)
					}
				}
			}
		})
	}
}

// ssh-keygen reads what Cut and Fingerprint make of it.
func TestCut(t *testing.T) {
	s := newSigner(t, "ed25519")
	signature := s.sign(t, "bootrc", "text\n")
	for text, want := range map[string]string{
		"text\n" + string(signature): "text\n", string(signature): "", "text\n": "none",
		"text\n" + string(signature) + "more\n": "none", "text" + string(signature): "none", "text\n" + string(signature) + " \r\n\n": "text\n",
		"text\n" + string(signature) + string(signature): "text\n" + string(signature),
	} {
		content, _, ok := Cut([]byte(text))
		if ok != (want != "none") || ok && string(content) != want {
			t.Errorf("%.60q: got %.60q, %v", text, content, ok)
		}
	}
	out, err := exec.Command("ssh-keygen", "-l", "-f", s.file+".pub").Output()
	if err != nil || !strings.Contains(string(out), s.key.Fingerprint()) {
		t.Errorf("%s is not in %s, %v", s.key.Fingerprint(), out, err)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	for line, want := range map[string]string{
		"": "expected a public key", "ssh-ed25519": "expected a public key", "AAAA!": "not base64",
		"ssh-dss AAAAB3NzaC1kc3M=":             `a key of the type "ssh-dss" is not known`,
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA": "it ends too early",
	} {
		if _, err := ParseKey(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// FuzzSignature takes any text for a signature, and any for a key.
func FuzzSignature(f *testing.F) {
	s := newSigner(f, "ecdsa")
	r := newSigner(f, "rsa", "-b", "2048")
	for _, signer := range []signer{s, r} {
		block, _ := pem.Decode(signer.sign(f, "bootrc", "x"))
		f.Add(block.Bytes, []byte(signer.key))
	}
	f.Fuzz(func(t *testing.T, blob, key []byte) {
		bound.Input(t, len(blob)+len(key))
		signature, err := parse(blob)
		if err != nil {
			return
		}
		if err := signature.Verify([]byte("y"), "bootrc", []Key{s.key, r.key}); err == nil {
			t.Error("it is signed")
		}
		if _, err := Key(key).verifier(); err == nil {
			signature.Verify([]byte("y"), string(signature.namespace), []Key{Key(key), signature.key})
		}
	})
}
