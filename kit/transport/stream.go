package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bootrc/kit/retry"
)

// streamPolicy is how often a stream goes on that broke, without a byte between.
var streamPolicy = retry.Policy{Retries: 5, Busy: 30, First: 500 * time.Millisecond, Longest: 8 * time.Second}

// Open opens what is at an address, of http or https, for one who reads it once. size is -1 where
// the server does not tell it. Where the connection breaks, reading goes on from there, if the
// server can do that, and has the same still: RFC 9110, sections 13.1.5 and 14.2.
func (t *Transport) Open(ctx context.Context, address string) (content io.ReadCloser, size int64, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, 0, errors.New("not a URL")
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{ctx: ctx, cancel: cancel, client: t.Client(), u: u, size: -1}
	err = streamPolicy.Do(ctx, isPassing, s.ask)
	if err != nil {
		cancel()
		return nil, 0, fmt.Errorf("%s: %w", Name(u), err)
	}
	return s, s.size, nil
}

type stream struct {
	ctx    context.Context
	cancel context.CancelFunc
	client *http.Client
	u      *url.URL

	body     io.ReadCloser
	at, size int64
	version  string // strong validator of what is read
	failures int    // in a row
}

// answerError is a status that is not success.
type answerError struct {
	code  int
	after time.Duration
}

func (e *answerError) Error() string {
	return fmt.Sprintf("the server answers %d %s", e.code, http.StatusText(e.code))
}
func (e *answerError) RetryAfter() time.Duration { return e.after }
func (e *answerError) IsBusy() bool              { return e.code == http.StatusTooManyRequests }

// isPassing tells errors that another attempt may not have.
func isPassing(err error) bool {
	if answer, ok := errors.AsType[*answerError](err); ok {
		return answer.code >= http.StatusInternalServerError || answer.code == http.StatusTooManyRequests
	}
	return IsPassing(err)
}

var errChanged = errors.New("the connection broke, and the server cannot go on where it did")

// ask asks for what comes from at on.
func (s *stream) ask() error {
	r, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.u.String(), nil)
	if err != nil {
		return err
	}
	if s.at > 0 {
		r.Header.Set("Range", "bytes="+strconv.FormatInt(s.at, 10)+"-")
		r.Header.Set("If-Range", s.version)
	}
	response, err := s.client.Do(r)
	if address, ok := errors.AsType[*url.Error](err); ok {
		err = address.Err // without the address, which is named already
	}
	switch {
	case err != nil:
		return err
	case s.at > 0 && response.StatusCode == http.StatusOK:
		response.Body.Close()
		return errChanged
	case response.StatusCode != http.StatusOK && response.StatusCode != http.StatusPartialContent:
		Drain(response)
		return &answerError{response.StatusCode, retry.After(response.Header)}
	case s.at > 0 && !strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", s.at)):
		response.Body.Close()
		return errChanged
	case s.at == 0:
		s.size = response.ContentLength
		if s.version = response.Header.Get("ETag"); len(s.version) > 1 && s.version[:2] == "W/" {
			s.version = ""
		}
		if s.version == "" {
			s.version = response.Header.Get("Last-Modified")
		}
	}
	s.body = response.Body
	return nil
}

func (s *stream) Read(p []byte) (int, error) {
	for {
		n, err := s.body.Read(p)
		if s.at += int64(n); n > 0 {
			s.failures = 0
		}
		if err == io.EOF && s.size >= 0 && s.at < s.size {
			err = io.ErrUnexpectedEOF
		}
		if n > 0 || err == nil || err == io.EOF {
			return n, endOf(err)
		}
		if err := s.resume(err); err != nil {
			return 0, fmt.Errorf("%s: %w", Name(s.u), err)
		}
	}
}

// endOf leaves an error other than the end to the next Read: some bytes have come.
func endOf(err error) error {
	if err == io.EOF {
		return err
	}
	return nil
}

// resume asks for the rest after a connection broke, or returns the error for good.
func (s *stream) resume(broken error) error {
	s.body.Close()
	if s.ctx.Err() != nil || s.version == "" && s.at > 0 || s.failures >= streamPolicy.Retries {
		return broken
	}
	if !retry.Sleep(s.ctx, streamPolicy.Pause(s.failures, broken)) {
		return broken
	}
	s.failures++
	return streamPolicy.Do(s.ctx, isPassing, s.ask)
}

func (s *stream) Close() error {
	s.cancel()
	return s.body.Close()
}
