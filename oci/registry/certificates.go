package registry

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bootrc/kit/transport"
)

// certificates are what certs.d has for a registry: containers-certs.d(5).
type certificates struct {
	roots  *x509.CertPool // nil: the system's
	client []tls.Certificate
}

// certificatesFor reads the first of the folders that has one for the registry, or the folder
// that is given for this one: *.crt are authorities, *.cert with a *.key are the client's.
func certificatesFor(folders []string, only, host string) (certificates, error) {
	folder := only
	for _, parent := range folders {
		if folder == "" && isFolder(filepath.Join(parent, host)) {
			folder = filepath.Join(parent, host)
		}
	}
	if folder == "" {
		return certificates{}, nil
	}
	c, err := readCertificates(folder)
	if err != nil {
		return c, fmt.Errorf("certificates for %s: %w", host, err)
	}
	return c, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func readCertificates(folder string) (c certificates, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return c, err
	}
	var authorities []string
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		base, isPair := strings.CutSuffix(path, ".cert")
		switch {
		case strings.HasSuffix(path, ".crt"):
			authorities = append(authorities, path)
		case isPair:
			pair, err := tls.LoadX509KeyPair(path, base+".key")
			if err != nil {
				return c, err
			}
			c.client = append(c.client, pair)
		}
	}
	if authorities != nil {
		c.roots, err = transport.Roots(authorities...)
	}
	return c, err
}
