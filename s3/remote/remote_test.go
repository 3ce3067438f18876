package remote

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// S3 takes 10,000 parts of up to 5 GiB, and only the last may be below 5 MiB.
func TestPartSize(t *testing.T) {
	for size, want := range map[int64]int64{
		1:            16 << 20,
		160000 << 20: 16 << 20,
		1 << 40:      105 << 20,
		5 << 40:      525 << 20,
	} {
		got := PartSize(size)
		if got != want || (size+got-1)/got > 10000 {
			t.Errorf("%d bytes: parts of %d, want %d", size, got, want)
		}
	}
}

func TestParseKey(t *testing.T) {
	for text, want := range map[string]bool{
		"32byteslongsecretkeymustbegiven1":                                 true,
		"MzJieXRlc2xvbmdzZWNyZXRrZXltdXN0YmVnaXZlbjE=":                     true,
		"MzJieXRlc2xvbmdzZWNyZXRrZXltdXN0YmVnaXZlbjE":                      true,
		"3332627974657320206c6f6e67736563726574206b65796d7573746265206731": true,
		"":                                     false,
		"short":                                false,
		"SECRETSECRETSECRETSECRETSECRETSECRET": false,
	} {
		_, err := ParseKey(text)
		if (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("the error tells the key: %v", err)
		}
	}
}

// Only a listing is one: an empty folder in the image of a hotel's portal loses
// everything.
func TestCheckListing(t *testing.T) {
	for body, want := range map[string]bool{
		`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name></ListBucketResult>`: true,
		`<ListBucketResult>` + strings.Repeat("<Contents></Contents>", 1000) + `</ListBucketResult>`:                                                            true,
		``: false, `OK`: false, `{}`: false,
		`<html><body>Welcome</body></html>`:                                false,
		`<!DOCTYPE html><html>`:                                            false,
		`<?xml version="1.0"?><Hello></Hello>`:                             false,
		`<Error><Code>SlowDown</Code></Error>`:                             false,
		`<ListAllMyBucketsResult></ListAllMyBucketsResult>`:                false,
		`<!-- ` + strings.Repeat("x", 2000) + ` -->`:                       false,
		strings.Repeat(" ", 100) + `<ListBucketResult></ListBucketResult>`: true,
	} {
		response := &http.Response{Body: io.NopCloser(strings.NewReader(body))}
		err := checkListing(response)
		if (err == nil) != want {
			t.Errorf("%.60q: %v", body, err)
		}
		if rest, _ := io.ReadAll(response.Body); want && string(rest) != body {
			t.Errorf("%.60q: %.60q is left to be read", body, rest)
		}
	}
}

// A body that is read after its request has failed counts no more, and is not
// what its buffer holds by then.
func TestCounterAfterTheEnd(t *testing.T) {
	var mu sync.Mutex
	total := int64(0)
	c := &counter{reader: strings.NewReader("abcdef"), moved: func(n int64) {
		mu.Lock()
		defer mu.Unlock()
		total += n
	}}
	buf := make([]byte, 4)
	if n, err := c.Read(buf); n != 4 || err != nil || total != 4 {
		t.Fatalf("%d, %v, %d in all", n, err, total)
	}
	c.end(errors.New("503"))
	if n, err := c.Read(buf); n != 0 || err == nil || total != 0 {
		t.Errorf("%d, %v, %d in all after the end", n, err, total)
	}
}

func TestCheckNames(t *testing.T) {
	p := &Prefix{Bucket: "bucket", Prefix: "p/"}
	for name, want := range map[string]bool{
		"a": true, "a b\n%+é": true, strings.Repeat("x", 1022): true,
		strings.Repeat("x", 1023): false, "\xff": false,
	} {
		if got := p.CheckName(name) == nil; got != want {
			t.Errorf("%.20q: %v, want %v", name, got, want)
		}
	}
}
