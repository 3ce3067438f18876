package s3test

import (
	"crypto/md5"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Liar is a store that holds any names, those too that no honest server accepts: it
// can list its only bucket, and give what is in it.
type Liar struct {
	URL     string
	server  *httptest.Server
	objects map[string]LiarObject
}

// A LiarObject is one of a liar's objects.
type LiarObject struct {
	Content string
	Meta    map[string]string // by header, without X-Amz-Meta-
}

// LiarBucket is the bucket's name.
const LiarBucket = "lies"

// NewLiar starts a store with these objects, by key.
func NewLiar(objects map[string]LiarObject) *Liar {
	l := &Liar{objects: objects}
	l.server = httptest.NewServer(l)
	l.URL = l.server.URL
	return l
}

// Close ends the store.
func (l *Liar) Close() { l.server.Close() }

// ServeHTTP answers ListObjectsV2, GetBucketLocation, HeadBucket, HeadObject and GetObject
// (Amazon S3 API Reference).
func (l *Liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, isObject := strings.CutPrefix(r.URL.Path, "/"+LiarBucket+"/")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		Refuse(http.StatusForbidden, "AccessDenied", "this store is read only")(w, r)
	case isObject && key != "":
		l.serveObject(w, r, key)
	case r.URL.Query().Has("location"):
		fmt.Fprint(w, "<LocationConstraint></LocationConstraint>")
	case r.URL.Query().Has("list-type"):
		l.serveList(w, r.URL.Query().Get("prefix"))
	}
}

func (l *Liar) serveObject(w http.ResponseWriter, r *http.Request, key string) {
	o, ok := l.objects[key]
	if !ok {
		Refuse(http.StatusNotFound, "NoSuchKey", "there is no such key")(w, r)
		return
	}
	for name, value := range o.Meta {
		w.Header().Set("X-Amz-Meta-"+name, value)
	}
	w.Header().Set("ETag", o.etag())
	http.ServeContent(w, r, "", liarTime, strings.NewReader(o.Content))
}

var liarTime = time.Unix(1_000_000_000, 0).UTC()

func (o LiarObject) etag() string { return fmt.Sprintf(`"%x"`, md5.Sum([]byte(o.Content))) }

type listing struct {
	XMLName      xml.Name `xml:"ListBucketResult"`
	Name         string
	Prefix       string
	KeyCount     int
	MaxKeys      int
	IsTruncated  bool
	EncodingType string
	Contents     []listed

	NextContinuationToken string `xml:",omitempty"`
}

type listed struct {
	Key          string
	LastModified string
	ETag         string
	Size         int
	StorageClass string
}

func (l *Liar) serveList(w http.ResponseWriter, prefix string) {
	page := listing{Name: LiarBucket, Prefix: url.QueryEscape(prefix), MaxKeys: 1000, EncodingType: "url"}
	for key, o := range l.objects {
		if strings.HasPrefix(key, prefix) {
			page.Contents = append(page.Contents, listed{url.QueryEscape(key),
				liarTime.Format("2006-01-02T15:04:05.000Z"), o.etag(), len(o.Content), "STANDARD"})
		}
	}
	slices.SortFunc(page.Contents, func(a, b listed) int { return strings.Compare(a.Key, b.Key) })
	page.KeyCount = len(page.Contents)
	w.Header().Set("Content-Type", "application/xml")
	xml.NewEncoder(w).Encode(page)
}
