package transport

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// trustedFile has the certificates that Trust was given, in PEM. All commands of the machine
// read it, those of other processes, too.
var trustedFile = "/run/bootrc/ca.pem"

// Trust adds certificates, in PEM or one in DER, to those that every later transport trusts
// beside the system's.
func Trust(certificates []byte) error {
	if block, _ := pem.Decode(certificates); block == nil {
		certificates = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificates})
	}
	if !x509.NewCertPool().AppendCertsFromPEM(certificates) {
		return errors.New("no certificate: neither PEM nor DER")
	}
	if err := os.MkdirAll(filepath.Dir(trustedFile), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(trustedFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(certificates, '\n'))
	return errors.Join(err, f.Close())
}

// trusted returns the system's certificates and those of Trust; nil stands for the system's
// alone, which take time to be read.
func trusted() *x509.CertPool {
	if _, err := os.Stat(trustedFile); err != nil {
		return nil
	}
	roots, _ := Roots() // only files fail
	return roots
}

// TrustedVersion changes with what Trust is given: transports made before do not know that.
func TrustedVersion() string {
	info, err := os.Stat(trustedFile)
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}

// Roots returns the system's certificates, those of Trust, and those in files, in PEM.
func Roots(files ...string) (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if data, err := os.ReadFile(trustedFile); err == nil {
		roots.AppendCertsFromPEM(data)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read certificates: %w", err)
		}
		if !roots.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("%s has no certificate in PEM", file)
		}
	}
	return roots, nil
}
