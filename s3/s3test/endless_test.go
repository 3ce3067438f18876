package s3test_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"bootrc/s3/s3test"
)

// maxMemory is what s3sync may need while a server tries to fill it: some of it is the race
// detector's, and the rest what the largest listing may have.
const maxMemory = 512 << 20

// pageBegin and pageEnd are a page of a listing without its entries.
const (
	pageBegin = `<?xml version="1.0"?><ListBucketResult><Name>lies</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated>`
	pageEnd   = `<NextContinuationToken>%s</NextContinuationToken></ListBucketResult>`
)

// TestEndless has answers that do not end: s3sync does, and says so, in bounded memory.
func TestEndless(t *testing.T) {
	var token atomic.Int64
	for _, c := range []struct {
		name  string
		fault s3test.Fault
	}{
		{"a listing's blanks", s3test.Fault{About: s3test.Listing, Answer: endless(200, pageBegin, strings.Repeat(" ", 1000))}},
		{"a listing's entries", s3test.Fault{About: s3test.Listing, Answer: endless(200, pageBegin,
			"<Contents><Key>a</Key><Size>1</Size></Contents>")}},
		{"a listing's one key", s3test.Fault{About: s3test.Listing, Answer: endless(200, pageBegin+"<Contents><Key>", strings.Repeat("k", 1000))}},
		{"a listing's tags", s3test.Fault{About: s3test.Listing, Answer: endless(200, pageBegin, strings.Repeat("<Deeper>", 100))}},
		{"pages with the same token", s3test.Fault{About: s3test.Listing, Answer: s3test.Say(200, "application/xml", pageBegin+fmt.Sprintf(pageEnd, "again"))}},
		{"pages without entries", s3test.Fault{About: s3test.Listing, Answer: func(w http.ResponseWriter, r *http.Request) {
			s3test.Say(200, "application/xml", pageBegin+fmt.Sprintf(pageEnd, fmt.Sprint(token.Add(1))))(w, r)
		}}},
		{"an error's text", s3test.Fault{Answer: endless(403, "<Error><Code>AccessDenied</Code><Message>", strings.Repeat("no ", 1000))}},
		{"a gateway's page", s3test.Fault{Answer: endless(502, "<html>", strings.Repeat("no ", 1000))}},
		{"the answer to an upload", s3test.Fault{About: s3test.Upload, Answer: endless(200, "", strings.Repeat("x", 1000))}},
		{"the beginning of an upload in parts", s3test.Fault{About: isPost, Answer: endless(200, "<InitiateMultipartUploadResult>", strings.Repeat(" ", 1000))}},
		{"an object", s3test.Fault{About: s3test.Download, Answer: endless(200, "", strings.Repeat("x", 1000))}},
		{"an object's headers", s3test.Fault{About: s3test.Download, Answer: func(w http.ResponseWriter, _ *http.Request) {
			for i := range 5000 {
				w.Header().Set(fmt.Sprintf("X-Amz-Meta-%d", i), strings.Repeat("v", 100))
			}
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, s3test.MinIO)
			source, back := folder(t, carried()...), folder(t)
			s3sync(t, s, source, s.name()).succeeds(t)
			p := s.behind(t)
			p.Misbehave(c.fault)
			write(t, source+"/large", s3test.Noise(9, 33<<20))
			failed := 0
			for _, args := range [][]string{{source, s.name()}, {s.name(), back}} {
				cmd := program(t, s, append([]string{"s3sync", "--retry", "0", "--overwrite", "--remove"}, args...)...)
				peak := measured(cmd)
				r := finish(t, cmd)
				if r.Status != 0 {
					failed++
				}
				if used := peak(t); used > maxMemory {
					t.Errorf("%s: it took %d MiB\n%.2000s", r.Command, used>>20, r.Out)
				}
				if len(r.Out) > 64<<10 {
					t.Errorf("%s: it says %d bytes", r.Command, len(r.Out))
				}
			}
			if failed == 0 {
				t.Error("nothing failed")
			}
			if n := len(folderFiles(t, source)); n != len(carried()) {
				t.Errorf("%d of %d files are left", n, len(carried()))
			}
		})
	}
}

func isPost(r *http.Request) bool { return r.Method == http.MethodPost }

// endless begins an answer, and goes on until nobody listens any more.
func endless(status int, begin, more string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		if r.Method == http.MethodHead {
			return
		}
		for text := begin; ; text = more {
			if _, err := w.Write([]byte(text)); err != nil {
				return
			}
		}
	}
}
