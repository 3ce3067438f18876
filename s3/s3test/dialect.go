package s3test

import (
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/signer"
)

// A Dialect is how a store answers that is S3-compatible but for some parts.
type Dialect struct {
	Name   string
	Option string // of an alias, by which it knows what is refused; "" where nothing is
	Lists  bool   // otherwise, so that names matter
	Faults func(*Server) []Fault
}

// Dialects are stores that cannot be had here: a proxy makes an honest server answer as they
// are documented to, or as their users report.
var Dialects = []Dialect{
	// https://www.backblaze.com/docs/cloud-storage-s3-compatible-api, "Unsupported Features"
	{"Backblaze B2", "b2", false, func(*Server) []Fault {
		return []Fault{refuseHeaders(400, "InvalidArgument", "Unsupported header '%s' received for this API call.", "")}
	}},
	// https://developers.cloudflare.com/r2/api/s3/api, "CreateMultipartUpload"
	{"Cloudflare R2", "r2", false, func(*Server) []Fault {
		return []Fault{refuseHeaders(501, "NotImplemented", "Header '%s' with value 'CRC32C' not implemented", "uploads")}
	}},
	{"VK Cloud", "r2", false, func(*Server) []Fault {
		return []Fault{refuseHeaders(501, "NotImplemented", "A header you provided implies functionality that is not implemented.", "uploads")}
	}},
	// https://cloud.google.com/storage/docs/migrating, "Methods comparison": the checksums
	// have other names, and mean nothing; DeleteObjects came in 2025
	{"Google Cloud Storage", "", false, func(*Server) []Fault {
		return []Fault{ignore(checksumHeaders), {About: isBatch, Answer: Refuse(400, "NotImplemented",
			"A header or query you provided requested a function that is not implemented.")}}
	}},
	{"a gateway to Google's", "", false, func(*Server) []Fault {
		return []Fault{ignore(checksumHeaders), {About: isBatch, Answer: Refuse(400, "InvalidArgument", "Invalid argument.")}}
	}},
	// ListObjectsV2 came with 14, Nautilus; checksums with 19, Squid
	{"Ceph 13", "", true, func(*Server) []Fault { return []Fault{ignore(checksumHeaders), ignoreListV2} }},
	// Amazon S3 User Guide, "Directory buckets", ListObjectsV2: no order, and no StartAfter
	{"in no order", "", true, func(s *Server) []Fault { return []Fault{{About: Listing, Answer: s.unordered}} }},
	{"in no order within a page", "", true, func(*Server) []Fault {
		return []Fault{{About: Listing, After: Rewrite(reversePage)}}
	}},
}

// checksumHeaders are headers of a request that are about checksums.
func checksumHeaders(h http.Header) (names []string) {
	for name := range h {
		if strings.HasPrefix(name, "X-Amz-Checksum-") || strings.HasPrefix(name, "X-Amz-Sdk-Checksum-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// refuseHeaders refuses requests with checksums, all or those with a query's parameter.
func refuseHeaders(status int, code, message, parameter string) Fault {
	return Fault{
		About: func(r *http.Request) bool {
			return len(checksumHeaders(r.Header)) > 0 && (parameter == "" || r.URL.Query().Has(parameter))
		},
		Answer: func(w http.ResponseWriter, r *http.Request) {
			text := message
			if strings.Contains(text, "%s") {
				text = fmt.Sprintf(message, strings.ToLower(checksumHeaders(r.Header)[0]))
			}
			Refuse(status, code, text)(w, r)
		},
	}
}

// ignore leaves headers out before the server sees them.
func ignore(headers func(http.Header) []string) Fault {
	return Fault{
		About: func(r *http.Request) bool { return len(headers(r.Header)) > 0 },
		Before: func(r *http.Request) {
			for _, name := range headers(r.Header) {
				r.Header.Del(name)
			}
			sign(r)
		},
	}
}

// ignoreListV2 makes ListObjectsV2 what it is for a server that only knows ListObjects.
var ignoreListV2 = Fault{
	About: func(r *http.Request) bool { return Listing(r) && r.URL.Query().Has("list-type") },
	Before: func(r *http.Request) {
		q := r.URL.Query()
		for _, name := range []string{"list-type", "start-after", "continuation-token", "fetch-owner", "metadata"} {
			q.Del(name)
		}
		q.Set("max-keys", strconv.Itoa(shortPage))
		r.URL.RawQuery = q.Encode()
		sign(r)
	},
}

// sign signs a request anew.
func sign(r *http.Request) {
	r.Header.Del("Authorization")
	r.URL.Host = r.Host
	*r = *signer.SignV4(*r, AccessKey, SecretKey, "", "us-east-1")
}

func isBatch(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("delete") }

// shortPage is how many objects a page of these listings has.
const shortPage = 7

// unordered lists by a hash of the names, and knows no start-after.
func (s *Server) unordered(w http.ResponseWriter, r *http.Request) {
	client, err := s.Client()
	if err != nil {
		panic(err)
	}
	bucket, query := strings.Trim(r.URL.Path, "/"), r.URL.Query()
	page := listing{Name: bucket, Prefix: url.QueryEscape(query.Get("prefix")), MaxKeys: shortPage, EncodingType: "url"}
	for o := range client.ListObjectsIter(r.Context(), bucket, minio.ListObjectsOptions{Prefix: query.Get("prefix"), Recursive: true}) {
		if o.Err != nil {
			panic(http.ErrAbortHandler)
		}
		page.Contents = append(page.Contents, listed{url.QueryEscape(o.Key),
			o.LastModified.UTC().Format("2006-01-02T15:04:05.000Z"), `"` + o.ETag + `"`, int(o.Size), "STANDARD"})
	}
	slices.SortFunc(page.Contents, func(a, b listed) int { return int(scatter(a.Key)) - int(scatter(b.Key)) })
	begin, _ := strconv.Atoi(query.Get("continuation-token"))
	end := min(begin+shortPage, len(page.Contents))
	if page.IsTruncated = end < len(page.Contents); page.IsTruncated {
		page.NextContinuationToken = strconv.Itoa(end)
	}
	page.Contents = page.Contents[min(begin, end):end]
	page.KeyCount = len(page.Contents)
	w.Header().Set("Content-Type", "application/xml")
	xml.NewEncoder(w).Encode(page)
}

func scatter(key string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(key))
	return h.Sum32() >> 1
}

// reversePage turns the order of a page's entries around.
func reversePage(body []byte) []byte {
	text := string(body)
	begin, end := strings.Index(text, "<Contents>"), strings.LastIndex(text, "</Contents>")
	if begin < 0 {
		return body
	}
	end += len("</Contents>")
	entries := strings.SplitAfter(text[begin:end], "</Contents>")
	slices.Reverse(entries)
	return []byte(text[:begin] + strings.Join(entries, "") + text[end:])
}
