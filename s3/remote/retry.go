package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bootrc/kit/foreign"

	"github.com/minio/minio-go/v7"
)

// ErrChanged is a file or an object that was changed or replaced during its transfer.
var ErrChanged = errors.New("it changed while it was read")

// try calls f until it succeeds, fails in a way that stays, or has been tried
// again often enough. What fails is named, without the address of a request.
func (s *Store) try(ctx context.Context, what string, f func(context.Context) error) error {
	return s.tryUsing(ctx, what, 0, f)
}

// tryUsing is try for requests that use what not every store has.
func (s *Store) tryUsing(ctx context.Context, what string, used lacks, f func(context.Context) error) error {
	err := s.retries.Do(ctx, isTransient, func() error { return s.ask(ctx, used, f) })
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", what, context.Cause(ctx))
	}
	return fmt.Errorf("%s: %w", what, s.explain(err))
}

// ask calls f. If the store refuses a part of the API that f uses, ask calls f again at
// once, to ask in other words.
func (s *Store) ask(ctx context.Context, used lacks, f func(context.Context) error) error {
	for {
		before := lacks(s.dialect.known.Load())
		err := f(ctx)
		if err == nil || ctx.Err() != nil || !s.dialect.learn(err, used, before) {
			return err
		}
	}
}

// isTransient tells whether trying again can help.
func isTransient(err error) bool {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) && answer.Code != "" {
		return isTransientAnswer(answer)
	}
	var permanent *permanentError
	var dns *net.DNSError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &permanent), errors.Is(err, ErrChanged), errors.Is(err, errUnordered):
		return false
	case errors.As(err, &dns):
		return !dns.IsNotFound
	case errors.As(err, &authority), errors.As(err, &name), errors.As(err, &invalid),
		errors.As(err, &verification), errors.As(err, &record):
		return false
	}
	return !strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

func isTransientAnswer(answer minio.ErrorResponse) bool {
	switch answer.Code {
	case "SlowDown", "SlowDownRead", "SlowDownWrite", "InternalError", "RequestTimeout", "ServiceUnavailable",
		"Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled", "TooManyRequests",
		"OperationAborted", "ExpiredToken", "ExpiredTokenException", "XMinioServerNotInitialized", "Busy",
		// what arrived is not what was sent
		"BadDigest", "IncompleteBody", "XAmzContentChecksumMismatch":
		return true
	case "NotImplemented":
		return false
	}
	switch answer.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, 499:
		return true
	}
	return answer.StatusCode >= 500
}

// permanentError is one that trying again does not help.
type permanentError struct{ err error }

func (p *permanentError) Error() string { return p.err.Error() }
func (p *permanentError) Unwrap() error { return p.err }

// explain says an error in a line that a person can act on. What a request's
// address contains is left out.
func (s *Store) explain(err error) error {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) && answer.Code != "" {
		return s.explainAnswer(answer)
	}
	var address *url.Error
	if errors.As(err, &address) {
		if strings.HasPrefix(address.Err.Error(), "Connection closed by foreign host") {
			return fmt.Errorf("%s: the server closed the connection", s.Alias.URL)
		}
		return fmt.Errorf("%s: %w", s.Alias.URL, address.Err)
	}
	return err
}

// AnswerError is what the server has against a request.
type AnswerError struct {
	Code string // of the Amazon S3 API Reference, "Error responses"
	text string
}

func (e *AnswerError) Error() string { return e.text }

func (s *Store) explainAnswer(answer minio.ErrorResponse) error {
	text := foreign.Line(strings.TrimSuffix(answer.Message, "."))
	switch answer.Code {
	case "RequestTimeTooSkewed":
		skew := time.Duration(s.skew.Load()).Round(time.Second)
		text = fmt.Sprintf("the server's clock is %s ahead of this machine's, or one of them is wrong", skew)
		if skew < 0 {
			text = fmt.Sprintf("this machine's clock is %s ahead of the server's, or one of them is wrong", -skew)
		}
	case "NoSuchBucket":
		text = "there is no such bucket"
	case "NoSuchKey":
		text = "there is no such object"
	case "":
	default:
		text = fmt.Sprintf("%s (%s)", text, foreign.Line(answer.Code))
	}
	return &AnswerError{answer.Code, text}
}

// HasCode tells whether the server's answer was this error.
func HasCode(err error, code string) bool {
	var answer *AnswerError
	return errors.As(err, &answer) && answer.Code == code
}
