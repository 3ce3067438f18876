// Package obtain gets the small things that an argument names by where they are: keys,
// certificates, scripts, more arguments.
package obtain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/regular"
)

// Request is what to get.
type Request struct {
	// Where is http://…, https://… or s3://ALIAS/BUCKET/KEY, the absolute path of a file, or
	// base64:DATA.
	Where string
	Limit int64 // of its size, in bytes
	Time  time.Duration
	Sum   string // SHA-256 in hexadecimal digits; "" if it is not known
}

// Parse reads WHERE[,sha256=HEX].
func Parse(text string) (Request, error) {
	r := Request{Where: text, Limit: 1 << 20, Time: time.Minute}
	if where, sum, ok := strings.Cut(text, ",sha256="); ok {
		r.Where, r.Sum = where, sum
		if err := CheckSum(sum); err != nil {
			return r, fmt.Errorf("sha256=: %w", err)
		}
	}
	return r, nil
}

// CheckSum fails on what is no SHA-256 in hexadecimal digits.
func CheckSum(text string) error {
	if raw, err := hex.DecodeString(text); err != nil || len(raw) != sha256.Size {
		return fmt.Errorf("expected 64 hexadecimal digits, got %q", text)
	}
	return nil
}

// Get gets it: by the command `fetch` over http and https, and by `s3 cat` from an S3-compatible
// store. It tries several times, within the request's time. call lends its folder, environment,
// standard error and commands. Errors name what is asked for.
func (r Request) Get(ctx context.Context, call *command.Call) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.Time, fmt.Errorf("not finished after %g s", r.Time.Seconds()))
	defer cancel()
	data, err := r.get(ctx, call)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); r.Sum != "" && !strings.EqualFold(r.Sum, hex.EncodeToString(sum[:])) {
		return nil, fmt.Errorf("%s: its SHA-256 is %x, not %s", r.Name(), sum, r.Sum)
	}
	return data, nil
}

func (r Request) get(ctx context.Context, call *command.Call) ([]byte, error) {
	if encoded, ok := strings.CutPrefix(r.Where, "base64:"); ok {
		return Base64(encoded)
	}
	if filepath.IsAbs(r.Where) {
		return regular.Read(r.Where, r.Limit)
	}
	u, err := url.Parse(r.Where)
	if err != nil {
		return nil, errors.New("not a URL") // the parser's own error shows passwords
	}
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
		return r.output(ctx, call, "fetch", "-t", fmt.Sprint(r.Time.Seconds()), "--tries=6", fmt.Sprintf("--limit=%d", r.Limit), r.Where)
	case u.Scheme == "s3" && u.Host != "" && len(u.Path) > 1:
		return r.output(ctx, call, "s3", "cat", u.Host+u.Path)
	}
	return nil, fmt.Errorf("%s: neither http://…, https://… nor s3://ALIAS/BUCKET/KEY", u.Redacted())
}

// Name returns where it is, for an error, without passwords.
func (r Request) Name() string {
	if strings.HasPrefix(r.Where, "base64:") {
		return "base64:…"
	}
	if u, err := url.Parse(r.Where); err == nil {
		return u.Redacted()
	}
	return "not a URL"
}

// Base64 decodes RFC 4648's base64 in either alphabet, padded or not.
func Base64(text string) ([]byte, error) {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	return base64.RawStdEncoding.DecodeString(text)
}

// output runs another command of the caller's shell and returns what it writes.
func (r Request) output(ctx context.Context, call *command.Call, line ...string) ([]byte, error) {
	other, inner, err := call.Other(line...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name(), err)
	}
	written := limited{limit: r.Limit}
	inner.Stdin, inner.Stdout = strings.NewReader(""), &written
	err = other.Do(ctx, inner)
	return written.Bytes(), err
}

// limited refuses to take more than limit bytes.
type limited struct {
	bytes.Buffer
	limit int64
}

func (l *limited) Write(p []byte) (int, error) {
	if int64(l.Len()+len(p)) > l.limit {
		return 0, fmt.Errorf("longer than the limit of %d bytes", l.limit)
	}
	return l.Buffer.Write(p)
}
