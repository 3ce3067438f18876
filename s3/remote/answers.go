package remote

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// maxListing is how long a page of a listing can be: a thousand keys of 1 KiB, each
	// byte as %XX, with 2 KiB of metadata and as much markup.
	maxListing = 16 << 20
	// maxListed is how many entries it can have: ten times as many as S3 gives.
	maxListed = 10_000
	// maxAnswer is how long any other answer can be that has no object's content.
	maxAnswer = 1 << 20
	// maxWait is how long such an answer can take.
	maxWait = 5 * time.Minute
)

// answers looks at a server's answers before minio-go does.
type answers struct {
	content http.RoundTripper // for what has an object's content
	other   http.RoundTripper // for all else, which ends after maxWait
	skew    *atomic.Int64
}

type contentKey struct{}

// withContent marks a request whose answer has an object's content, of that length.
func withContent(ctx context.Context, length int64) context.Context {
	return context.WithValue(ctx, contentKey{}, length)
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	query := r.URL.Query()
	pages, _ := r.Context().Value(pagesKey{}).(*pages)
	length, isContent := r.Context().Value(contentKey{}).(int64)
	next := a.other
	if isContent {
		next = a.content
	}
	response, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	a.compareClocks(response)
	switch {
	case pages != nil && query.Has("prefix") && response.StatusCode == http.StatusOK:
		bound(response, maxListing)
		if err := errors.Join(pages.turn(query), checkListing(response)); err != nil {
			response.Body.Close()
			return nil, err
		}
	case response.StatusCode >= 300 || !isContent:
		bound(response, maxAnswer)
	case response.ContentLength != length: // minio-go would read it to its end, if it has one
		response.Body.Close()
		return nil, fmt.Errorf("the server sends %d bytes of the %d asked for", response.ContentLength, length)
	}
	return response, nil
}

// bound makes a body that goes on for too long fail.
func bound(response *http.Response, size int64) {
	response.Body = &bounded{ReadCloser: response.Body, left: size, until: time.Now().Add(maxWait)}
}

// bounded is a body that has to end: after so many bytes, so many entries of a listing, and
// at a time.
type bounded struct {
	io.ReadCloser
	left   int64
	until  time.Time
	listed int
	tail   []byte // of what was read before: an entry's tag may be cut in two
}

var errEndless = &permanentError{errors.New("the server's answer does not end")}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 || b.listed > maxListed || time.Now().After(b.until) {
		return 0, errEndless
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	const tag = "<Contents"
	b.tail = append(b.tail, p[:n]...)
	b.listed += bytes.Count(b.tail, []byte(tag))
	b.tail = append(b.tail[:0], b.tail[max(0, len(b.tail)-len(tag)+1):]...)
	return n, err
}

func (a *answers) compareClocks(response *http.Response) {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return
	}
	skew := time.Until(date)
	if skew.Abs() < 2*time.Second {
		skew = 0 // the header has whole seconds
	}
	a.skew.Store(int64(skew))
}

// checkListing fails for an answer that is no listing. For minio-go, any document
// is one: that of a hotel's portal is an empty bucket, in whose image all could
// be removed.
func checkListing(response *http.Response) error {
	start := make([]byte, 1024)
	n, err := io.ReadFull(response.Body, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	start = start[:n]
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), response.Body), response.Body}
	decoder := xml.NewDecoder(bytes.NewReader(start))
	for {
		token, err := decoder.RawToken()
		if err != nil {
			return errors.New("the answer is no listing, and not from an S3-compatible server")
		}
		if element, ok := token.(xml.StartElement); ok {
			if element.Name.Local != "ListBucketResult" {
				return fmt.Errorf("the answer is no listing, but %q", element.Name.Local)
			}
			return nil
		}
	}
}
