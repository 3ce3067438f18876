package oci

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority has issued a server's and a client's certificate.
type authority struct {
	files  map[string][]byte
	server tls.Certificate
	pool   *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{files: make(map[string][]byte), pool: x509.NewCertPool()}
	key, root := a.issue(t, "ca", nil, nil, func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	})
	a.files["ca.crt"] = a.files["ca.cert"]
	a.pool.AddCert(root)
	a.issue(t, "server", key, root, func(c *x509.Certificate) {
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	a.issue(t, "client", key, root, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	pair, err := tls.X509KeyPair(a.files["server.cert"], a.files["server.key"])
	if err != nil {
		t.Fatal(err)
	}
	a.server = pair
	return a
}

func (a *authority) issue(t *testing.T, name string, by *ecdsa.PrivateKey, parent *x509.Certificate, with func(*x509.Certificate)) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(int64(len(a.files) + 1)), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	with(c)
	if by == nil {
		by, parent = key, c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	a.files[name+".cert"] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	a.files[name+".key"] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	issued, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, issued
}

func (a *authority) startAskingForClients(s *httptest.Server) {
	s.TLS = &tls.Config{Certificates: []tls.Certificate{a.server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.pool}
	s.StartTLS()
}

func (a *authority) write(t *testing.T, folder string, names ...string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(folder, name), a.files[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func onIPv6(s *httptest.Server) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		panic(err)
	}
	s.Listener.Close()
	s.Listener = l
	s.Start()
}

func (a *authority) startServer(s *httptest.Server) {
	s.TLS = &tls.Config{Certificates: []tls.Certificate{a.server}}
	s.StartTLS()
}
