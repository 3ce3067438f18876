package remote_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"bootrc/s3/alias"
	"bootrc/s3/remote"
	"bootrc/test/bound"
)

// FuzzListing takes any text for a page of a listing.
func FuzzListing(f *testing.F) {
	f.Add(`<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>1</KeyCount><IsTruncated>true</IsTruncated>`+
		`<NextContinuationToken>t</NextContinuationToken><EncodingType>url</EncodingType><Contents><Key>p/a%20b</Key>`+
		`<LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>"0"</ETag><Size>3</Size></Contents></ListBucketResult>`, 200)
	f.Add(`<Error><Code>AccessDenied</Code><Message>no</Message></Error>`, 403)
	f.Add(`<!DOCTYPE a [<!ENTITY b "c">]><ListBucketResult>&b;</ListBucketResult>`, 200)
	var page atomic.Pointer[string]
	var status atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
		w.Write([]byte(*page.Load()))
	}))
	f.Cleanup(server.Close)
	a, err := alias.New(server.URL, "user", "password")
	if err != nil {
		f.Fatal(err)
	}
	a.Region = "here"
	f.Fuzz(func(t *testing.T, text string, code int) {
		if code < 200 || code > 599 {
			return
		}
		page.Store(&text)
		status.Store(int64(code))
		bound.Input(t, 10*len(text)) // it may be asked for again and again
		s, err := remote.Open(a, remote.Options{Getenv: func(string) string { return "" }, Connections: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		prefix, before := &remote.Prefix{Store: s, Bucket: "bucket", Prefix: "p/"}, ""
		for e, err := range prefix.List(t.Context(), remote.Range{}) {
			if err != nil {
				break
			}
			if strings.HasPrefix(e.Name, "p/../") || e.Name < before {
				t.Errorf("%q after %q", e.Name, before)
			}
			before = e.Name
		}
	})
}
