package s3test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Requests that faults can be about.

// Upload is about a request that carries an object or a part of one.
func Upload(r *http.Request) bool {
	return r.Method == http.MethodPut && strings.Count(r.URL.Path, "/") > 1
}

// Download is about a request for an object or a part of one.
func Download(r *http.Request) bool {
	return r.Method == http.MethodGet && !Listing(r) && !r.URL.Query().Has("location")
}

// Listing is about a request for the names in a bucket.
func Listing(r *http.Request) bool {
	q := r.URL.Query()
	return r.Method == http.MethodGet && (q.Has("list-type") || q.Has("prefix") || q.Has("versions"))
}

// NextPage is about a request for what a listing's first page had no room for.
func NextPage(r *http.Request) bool {
	q := r.URL.Query()
	return Listing(r) && (q.Has("continuation-token") || q.Has("start-after"))
}

// Refuse answers with an error in S3's form (Amazon S3 API Reference, Error Responses).
func Refuse(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message><Resource>%s</Resource></Error>", code, message, "/")
	}
}

// Say answers with a text that is not S3's.
func Say(status int, contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

// Hang does not answer until the client has gone.
func Hang(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// Delay passes requests on later.
func Delay(d time.Duration) func(*http.Request) {
	return func(r *http.Request) {
		select {
		case <-time.After(d):
		case <-r.Context().Done():
		}
	}
}

var errCut = errors.New("cut")

// cutReader ends by an error after so many bytes.
type cutReader struct {
	io.ReadCloser
	left int
}

func (c *cutReader) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, errCut
	}
	n, err := c.ReadCloser.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// CutRequest breaks the connection after so many bytes of a request's body.
func CutRequest(bytes int) func(*http.Request) {
	return func(r *http.Request) { r.Body = &cutReader{r.Body, bytes} }
}

// CutAnswer breaks the connection after so many bytes of the answer's body.
func CutAnswer(bytes int) func(*http.Response) error {
	return func(answer *http.Response) error {
		answer.Body = &cutReader{answer.Body, bytes}
		return nil
	}
}

// LoseAnswer breaks the connection when the server has done what it was asked to.
func LoseAnswer(*http.Response) error { return errCut }

// Rewrite gives the answer another body of the right length.
func Rewrite(change func(body []byte) []byte) func(*http.Response) error {
	return func(answer *http.Response) error {
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		setBody(answer, change(body))
		return nil
	}
}

func setBody(answer *http.Response, body []byte) {
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.ContentLength = int64(len(body))
	answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// Truncate leaves out the last byte of a body, and says so in Content-Length.
func Truncate(body []byte) []byte { return body[:max(0, len(body)-1)] }

// Lengthen adds a byte to a body, and says so in Content-Length.
func Lengthen(body []byte) []byte { return append(body, 'x') }

// Alter flips one bit in the middle of a body.
func Alter(body []byte) []byte {
	if len(body) > 0 {
		body[len(body)/2] ^= 1
	}
	return body
}

// Promise announces another length than the body's.
func Promise(change int64) func(*http.Response) error {
	return func(answer *http.Response) error {
		answer.ContentLength += change
		answer.Header.Set("Content-Length", strconv.FormatInt(answer.ContentLength, 10))
		return nil
	}
}

var listedTime = regexp.MustCompile(`<LastModified>([^<]+)</LastModified>`)

// ShiftTimes makes the server's clock another one, in all that it says of time.
func ShiftTimes(by time.Duration) func(*http.Response) error {
	return func(answer *http.Response) error {
		for _, name := range []string{"Date", "Last-Modified"} {
			if at, err := http.ParseTime(answer.Header.Get(name)); err == nil {
				answer.Header.Set(name, at.Add(by).UTC().Format(http.TimeFormat))
			}
		}
		if !Listing(answer.Request) {
			return nil
		}
		return Rewrite(func(body []byte) []byte {
			return listedTime.ReplaceAllFunc(body, func(tag []byte) []byte {
				at, err := time.Parse(time.RFC3339, string(listedTime.FindSubmatch(tag)[1]))
				if err != nil {
					return tag
				}
				return fmt.Appendf(nil, "<LastModified>%s</LastModified>", at.Add(by).Format("2006-01-02T15:04:05.000Z"))
			})
		})(answer)
	}
}

// SkewedClock refuses requests that were signed by another clock than one that is off by
// so much, as S3 does from a quarter of an hour on.
func SkewedClock(by time.Duration) Fault {
	return Fault{
		About: func(r *http.Request) bool {
			signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
			return err == nil && time.Now().Add(by).Sub(signed).Abs() > 15*time.Minute
		},
		Answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
			Refuse(http.StatusForbidden, "RequestTimeTooSkewed",
				"The difference between the request time and the server's time is too large.")(w, r)
		},
	}
}
