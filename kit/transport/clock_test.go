package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"
)

// A certificate that is not valid yet, or no more, names the clock; others are as they were.
func TestClockIsNamed(t *testing.T) {
	now := time.Now()
	failed := func(reason x509.InvalidReason, from, to time.Time) error {
		return &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{
			Cert: &x509.Certificate{NotBefore: from, NotAfter: to}, Reason: reason}}
	}
	for want, err := range map[string]error{
		"set the clock, with b2c.ntp_peer=auto": failed(x509.Expired, now.Add(time.Hour), now.Add(2*time.Hour)),
		"unless this machine's clock is wrong":  failed(x509.Expired, now.Add(-2*time.Hour), now.Add(-time.Hour)),
		"x509: ":                                failed(x509.NotAuthorizedToSign, now, now),
	} {
		named := nameClock(err)
		var invalid x509.CertificateInvalidError
		if !strings.Contains(named.Error(), want) || !errors.As(named, &invalid) {
			t.Errorf("got %v, want %q", named, want)
		}
	}
	if plain := errors.New("refused"); nameClock(plain) != plain {
		t.Error("another error is changed")
	}
}
