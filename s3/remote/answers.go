package remote

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// answers looks at a server's answers before minio-go does.
type answers struct {
	next http.RoundTripper
	skew *atomic.Int64
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := a.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	a.compareClocks(response)
	if r.Method == http.MethodGet && r.URL.Query().Has("list-type") && response.StatusCode == http.StatusOK {
		if err := checkListing(response); err != nil {
			response.Body.Close()
			return nil, err
		}
	}
	return response, nil
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
