package tools

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/durable"
	"bootrc/kit/foreign"
	"bootrc/kit/obtain"
	"bootrc/kit/retry"
	"bootrc/kit/transport"
)

// maxInMemory is the most bytes that go to standard output: they are kept until
// all have come and their sum is right.
const maxInMemory = 64 << 20

const fetchTries = 3

func fetchCommands() []command.Command {
	return []command.Command{
		{
			Name: "fetch", Summary: "download over http or https, whole or not at all", Operands: "URL", Run: tool(fetch),
			Options: []command.Option{
				{Names: "-o, --output", Value: "FILE", Default: "-", Help: "write to FILE; -: to standard output"},
				{Names: "-t, --timeout", Value: "SECONDS", Kind: command.Seconds, Default: "300", Help: "give up after that time"},
				{Names: "--tries", Value: "N", Kind: command.Count, Default: strconv.Itoa(fetchTries), Help: "try that many times"},
				{Names: "--sha256", Value: "HEX", Check: obtain.CheckSum, Help: "fail unless the SHA-256 sum is this one"},
				{Names: "--limit", Value: "SIZE", Kind: command.Size,
					Help: "refuse more than that many bytes; the default is 64M to standard output, and none to FILE"},
			},
			Examples: []string{"fetch -t 60 -o /tmp/hook.tar https://files.example.org/hook.tar"},
		},
		{
			Name: "wget", Summary: "download over http or https to a file, named as in URL", Operands: "URL", Run: tool(wget),
			Options: []command.Option{
				{Names: "-q, --quiet", Help: "print nothing, as it does anyway"},
				{Names: "-O, --output-document", Value: "FILE", Help: "write to FILE; -: to standard output"},
			},
		},
	}
}

// download is one file to fetch.
type download struct {
	url    string
	file   string // absolute, "" for memory
	sum    string // of SHA-256 in hexadecimal, "" if it is not known
	limit  int64  // bytes
	tries  int
	client *http.Client
	body   []byte // without a file
}

func fetch(ctx context.Context, c *call) error {
	d := &download{url: c.Args[0], sum: strings.ToLower(c.Text("sha256")), limit: maxInMemory, tries: c.Count("tries")}
	if file := c.Text("output"); file != "-" {
		d.file, d.limit = c.Path(file), 1<<62
	}
	if c.Has("limit") {
		d.limit = c.Size("limit")
	}
	timeout := c.Seconds("timeout")
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("not finished after %g s", timeout.Seconds()))
	defer cancel()
	return c.download(ctx, d)
}

func wget(ctx context.Context, c *call) error {
	d := &download{url: c.Args[0], limit: maxInMemory, tries: fetchTries}
	file := c.Text("output-document")
	if file == "" {
		file = "index.html"
		if u, err := url.Parse(d.url); err == nil && path.Base(u.Path) != "/" && path.Base(u.Path) != "." {
			file = path.Base(u.Path)
		}
	}
	if file != "-" {
		d.file, d.limit = c.Path(file), 1<<62
	}
	return c.download(ctx, d)
}

// sayAgain says why something is tried again, once for each cause in turn.
func (c *call) sayAgain(said *string, why string) {
	if *said != why {
		fmt.Fprintln(c.Stderr, foreign.Text(c.Name+": "+why+"; trying again"))
	}
	*said = why
}

func (c *call) download(ctx context.Context, d *download) error {
	u, err := url.Parse(d.url)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return command.Usagef("%q is not an address of http or https", clip(d.url))
	}
	t := transport.New(transport.Options{Limits: transport.Standard})
	defer t.CloseIdleConnections()
	d.client = t.Client()
	said := ""
	policy := retry.Policy{Retries: max(d.tries, 1) - 1, First: 2 * time.Second, Longest: 10 * time.Second}
	err = policy.Do(ctx, func(err error) bool {
		_, again := errors.AsType[*passingError](err)
		if again {
			c.sayAgain(&said, fmt.Sprintf("%s: %v", transport.Name(u), err))
		}
		return again
	}, func() error { return d.try(ctx) })
	switch cause := context.Cause(ctx); {
	case err != nil && cause != nil:
		return fmt.Errorf("%s: %w (the last error: %w)", transport.Name(u), cause, err)
	case err != nil:
		return fmt.Errorf("%s: %w", transport.Name(u), err)
	}
	_, err = c.out.Write(d.body)
	return err
}

// passingError is one that trying again may help.
type passingError struct {
	err   error
	after time.Duration // for which the server wants to be left alone
}

func (e *passingError) Error() string             { return e.err.Error() }
func (e *passingError) Unwrap() error             { return e.err }
func (e *passingError) RetryAfter() time.Duration { return e.after }

// try downloads once.
func (d *download) try(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return err
	}
	response, err := d.client.Do(request)
	if address, ok := errors.AsType[*url.Error](err); ok {
		err = address.Err // without the address, which is named already
	}
	switch {
	case err != nil && transport.IsPassing(err):
		return &passingError{err, 0}
	case err != nil:
		return err
	}
	defer response.Body.Close()
	if code := response.StatusCode; code != http.StatusOK {
		err := fmt.Errorf("the server answers %d %s", code, http.StatusText(code))
		if code >= 500 || code == http.StatusTooManyRequests {
			return &passingError{err, retry.After(response.Header)}
		}
		return err
	}
	if response.ContentLength > d.limit {
		return fmt.Errorf("%d bytes, the limit is %d", response.ContentLength, d.limit)
	}
	local, err := d.store(ctx, response.Body)
	if err != nil && !local {
		return &passingError{err, 0}
	}
	return err
}

// store keeps what comes, under its name only when it is whole, right and on disk.
// local tells an error of this machine, or of what was sent, from one of the way.
func (d *download) store(ctx context.Context, body io.Reader) (local bool, err error) {
	if d.file == "" {
		var memory strings.Builder
		local, err = d.receive(&memory, body)
		d.body = []byte(memory.String())
		return local, err
	}
	if info, err := os.Stat(d.file); err == nil && !info.Mode().IsRegular() {
		return d.storeInto(body) // a device or a pipe is not replaced
	}
	f, err := durable.Create(ctx, d.file, 0o644)
	if err != nil {
		return true, err
	}
	defer f.Discard()
	if local, err = d.receive(f, body); err != nil {
		return local, err
	}
	return true, f.Place()
}

func (d *download) storeInto(body io.Reader) (bool, error) {
	f, err := os.OpenFile(d.file, os.O_WRONLY, 0)
	if err != nil {
		return true, err
	}
	_, err = d.receive(f, body)
	return true, errors.Join(err, f.Close())
}

var errWrite = errors.New("writing")

// localWriter marks the errors of writing.
type localWriter struct{ w io.Writer }

func (l localWriter) Write(p []byte) (int, error) {
	n, err := l.w.Write(p)
	if err != nil {
		err = fmt.Errorf("%w: %w", errWrite, err)
	}
	return n, err
}

func (d *download) receive(w io.Writer, body io.Reader) (local bool, err error) {
	sum := sha256.New()
	limited := &io.LimitedReader{R: body, N: d.limit}
	_, err = io.Copy(io.MultiWriter(localWriter{w}, sum), limited)
	if err != nil {
		return errors.Is(err, errWrite), err
	}
	if limited.N == 0 {
		if n, _ := body.Read(make([]byte, 1)); n > 0 {
			return true, fmt.Errorf("longer than the limit of %d bytes", d.limit)
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); d.sum != "" && got != d.sum {
		return true, fmt.Errorf("its SHA-256 is %s, not %s", got, d.sum)
	}
	return true, nil
}
