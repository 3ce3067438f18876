package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// clockError is a certificate that is not valid at the time that this machine's clock shows.
type clockError struct {
	x509.CertificateInvalidError
	now time.Time
}

// Unwrap gives what crypto/x509 says.
func (e *clockError) Unwrap() error { return e.CertificateInvalidError }

func (e *clockError) Error() string {
	now := e.now.UTC().Format(time.DateOnly)
	if e.now.Before(e.Cert.NotBefore) {
		return fmt.Sprintf("it is valid from %s on, and this machine's clock says %s: set the clock, with b2c.ntp_peer=auto or date -s",
			e.Cert.NotBefore.UTC().Format(time.DateOnly), now)
	}
	return fmt.Sprintf("it has expired on %s, unless this machine's clock is wrong, which says %s: date -s sets it",
		e.Cert.NotAfter.UTC().Format(time.DateOnly), now)
}

// nameClock has an error about a certificate's time name the clock.
func nameClock(err error) error {
	var verification *tls.CertificateVerificationError
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &verification) || !errors.As(verification.Err, &invalid) || invalid.Reason != x509.Expired || invalid.Cert == nil {
		return err
	}
	return &tls.CertificateVerificationError{
		UnverifiedCertificates: verification.UnverifiedCertificates,
		Err:                    &clockError{invalid, time.Now()},
	}
}
