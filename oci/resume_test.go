package oci

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// blobServer answers for one blob, each request in its own way.
type blobServer struct {
	blob    []byte
	answers []answerer // to each request, the last also to all that follow

	mu    sync.Mutex
	asked []string // Range of each
}

type answerer func(w http.ResponseWriter, r *http.Request, blob []byte)

func (s *blobServer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Header.Get("Range"))
	answer := s.answers[min(len(s.asked), len(s.answers))-1]
	s.mu.Unlock()
	answer(w, r, s.blob)
}

func (s *blobServer) ranges() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// well serves as it should be.
func well(w http.ResponseWriter, r *http.Request, blob []byte) {
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(blob))
}

// cut sends so many bytes of what was asked for, and breaks the connection.
func cut(n int) answerer {
	return func(w http.ResponseWriter, r *http.Request, blob []byte) {
		part := partFrom(w, r, blob)
		w.Write(part[:min(n, len(part))])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// stall sends so many bytes and then nothing.
func stall(n int) answerer {
	return func(w http.ResponseWriter, r *http.Request, blob []byte) {
		w.Write(partFrom(w, r, blob)[:n])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}

// partFrom writes the header of an answer whose length is not announced, and returns
// what belongs into it.
func partFrom(w http.ResponseWriter, r *http.Request, blob []byte) []byte {
	var from int
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(blob)-1, len(blob)))
		w.WriteHeader(http.StatusPartialContent)
	}
	return blob[from:]
}

// whole knows no ranges.
func whole(w http.ResponseWriter, _ *http.Request, blob []byte) { w.Write(blob) }

// short announces and sends less than there is.
func short(n int) answerer {
	return func(w http.ResponseWriter, r *http.Request, blob []byte) { well(w, r, blob[:n]) }
}

// refuse has only an error for ranges.
func refuse(status int) answerer {
	return func(w http.ResponseWriter, r *http.Request, blob []byte) {
		if r.Header.Get("Range") != "" {
			http.Error(w, "", status)
			return
		}
		whole(w, r, blob)
	}
}

// ranged answers ranges with one of its own, and with content from there on.
func ranged(contentRange string, from int) answerer {
	return func(w http.ResponseWriter, r *http.Request, blob []byte) {
		if r.Header.Get("Range") == "" {
			whole(w, r, blob)
			return
		}
		if contentRange != "" {
			w.Header().Set("Content-Range", contentRange)
		}
		w.WriteHeader(http.StatusPartialContent)
		w.Write(blob[from:])
	}
}

// A blob whose connection breaks is had in the end, whatever the server makes of
// ranges; the digest says whether it is the right one.
func TestPullResumes(t *testing.T) {
	image := buildImage(t, layerTar(t, entry{"big", noise(4 << 20)}))
	blob := image.blobs[0]
	size := len(blob)
	rest := fmt.Sprintf("bytes=%d-", size)
	const first, half = "bytes=1000-", 2 << 20
	tests := []struct {
		name    string
		answers []answerer
		asked   []string // Range of each request; nil for whatever it is
		want    string   // of an error
	}{
		{"well", []answerer{well}, []string{""}, ""},
		{"cut twice", []answerer{cut(half), cut(half / 2), well}, []string{"", fmt.Sprintf("bytes=%d-", half), fmt.Sprintf("bytes=%d-", half*3/2)}, ""},
		{"cut often, with much in between", []answerer{cut(1100 << 10)}, nil, ""},
		{"cut often, with little in between", []answerer{cut(1000)}, nil, "truncated: got 4000 of "},
		{"cut at once", []answerer{cut(0)}, nil, "truncated: got 0 of "},
		{"cut after the last byte", []answerer{cut(size), well}, []string{""}, ""},
		{"cut before the last byte", []answerer{cut(size - 1), well}, []string{"", fmt.Sprintf("bytes=%d-", size-1)}, ""},
		{"stalls", []answerer{stall(half), well}, nil, ""},
		{"stalls after the last byte", []answerer{stall(size), well}, nil, ""},
		{"ends early", []answerer{short(1000), well}, []string{"", first}, ""},
		{"is shorter, and says so", []answerer{short(1000)}, nil, "truncated: got 1000 of "},
		{"knows no ranges", []answerer{cut(1000), whole}, []string{"", first}, ""},
		{"knows no ranges, and breaks again", []answerer{cut(1000), func(w http.ResponseWriter, _ *http.Request, blob []byte) {
			w.Write(blob[:500])
			panic(http.ErrAbortHandler)
		}, whole}, []string{"", first, first}, ""},
		{"416", []answerer{cut(1000), refuse(416)}, []string{"", first, ""}, ""},
		{"416, also later", []answerer{cut(1000), refuse(416), cut(2000), refuse(416)}, []string{"", first, "", ""}, ""},
		{"400", []answerer{cut(1000), refuse(400)}, []string{"", first, ""}, ""},
		{"501", []answerer{cut(1000), refuse(501)}, []string{"", first, ""}, ""},
		{"503", []answerer{cut(1000), refuse(503), well}, []string{"", first, first}, ""},
		{"403", []answerer{cut(1000), refuse(403)}, []string{"", first}, "access denied"},
		{"404", []answerer{cut(1000), refuse(404)}, []string{"", first}, "not found"},
		{"206 from the beginning", []answerer{cut(1000), ranged(fmt.Sprintf("bytes 0-%d/%d", size-1, size), 0)}, []string{"", first}, ""},
		{"206 from before", []answerer{cut(1000), ranged(fmt.Sprintf("bytes 300-%d/%d", size-1, size), 300)}, []string{"", first}, ""},
		{"206 from beyond", []answerer{cut(1000), ranged("bytes 1001-1002/1003", 0)}, []string{"", first, ""}, ""},
		{"206 from nowhere", []answerer{cut(1000), ranged("", 1000)}, []string{"", first, ""}, ""},
		{"206 that is a lie", []answerer{cut(1000), ranged(fmt.Sprintf("bytes 1000-%d/%d", size-1, size), 0), whole}, []string{"", first, ""}, ""},
		{"206 that is a lie, and nothing better", []answerer{cut(1000), func(w http.ResponseWriter, r *http.Request, blob []byte) {
			partFrom(w, r, blob)
			io.WriteString(w, strings.Repeat("x", size-1000))
		}, func(w http.ResponseWriter, _ *http.Request, _ []byte) {
			io.WriteString(w, strings.Repeat("x", size))
		}}, []string{"", first, ""}, "altered: "},
		{"503 twice", []answerer{func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(503) },
			func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(503) }, well}, []string{"", "", ""}, ""},
		{"closes without an answer", []answerer{func(http.ResponseWriter, *http.Request, []byte) { panic(http.ErrAbortHandler) }, well}, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := plainRegistry(t)
			r.push(t, image, "box", "latest")
			server := &blobServer{blob: blob, answers: test.answers}
			r.before = func(w http.ResponseWriter, req *http.Request, _ int) bool {
				if strings.HasSuffix(req.URL.Path, hashOf(t, blob).String()) {
					server.serve(w, req)
					return true
				}
				return false
			}
			s := openStore(t)
			o := hasty()
			if strings.HasPrefix(test.name, "stalls") {
				// a machine that is busy may take so long for any byte
				o.Registry.Patience.Limits.Idle, o.Registry.Patience.Limits.Floor = 300*time.Millisecond, 1
				o.Registry.Patience.Retry.Retries = 1000
			}
			_, err := Pull(t.Context(), s, mustParse(t, r.host+"/box"), o)
			if test.want != "" {
				checkError(t, err, "pull ", test.want)
				checkEmpty(t, s)
			} else if err != nil {
				t.Error(err)
			}
			asked := server.ranges()
			if got, want := fmt.Sprintf("%q", asked), fmt.Sprintf("%q", test.asked); test.asked != nil && got != want {
				t.Errorf("it asked for %s, want %s", got, want)
			}
			for _, r := range asked {
				if r == rest {
					t.Errorf("it asked for what is behind the last byte")
				}
			}
		})
	}
}

// What is not a blob breaks off as well.
func TestPullTriesAgain(t *testing.T) {
	image := buildImage(t, layerTar(t, entry{"a", "x"}))
	for name, before := range map[string]func(http.ResponseWriter, *http.Request, int) bool{
		"a manifest that breaks off": func(w http.ResponseWriter, r *http.Request, n int) bool {
			if n > 1 || !strings.HasSuffix(r.URL.Path, "/latest") {
				return false
			}
			w.Header().Set("Content-Length", strconv.Itoa(1000))
			io.WriteString(w, "{")
			return true
		},
		"503, then all is well": func(w http.ResponseWriter, _ *http.Request, n int) bool {
			if n <= 2 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return n <= 2
		},
		"connections closed without an answer": func(_ http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 1 {
				panic(http.ErrAbortHandler)
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := plainRegistry(t)
			r.push(t, image, "box", "latest")
			r.before = before
			if _, err := Pull(t.Context(), openStore(t), mustParse(t, r.host+"/box"), hasty()); err != nil {
				t.Error(err)
			}
		})
	}
}
