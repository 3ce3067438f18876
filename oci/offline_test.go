package oci

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// With offline=allow, an image of the store stands in where the registry is
// broken, and not where its answer is one.
func TestGetOffline(t *testing.T) {
	abort := func(http.ResponseWriter, *http.Request, int) bool { panic(http.ErrAbortHandler) }
	cutLayer := func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if !strings.Contains(r.URL.Path, "/blobs/") {
			return false
		}
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte("{"))
		return true
	}
	tests := []struct {
		name   string
		before func(http.ResponseWriter, *http.Request, int) bool // nil: the registry is gone
		want   string                                             // version, or an error
	}{
		{"refused", nil, "1"},
		{"closes connections", abort, "1"},
		{"breaks off", cutLayer, "1"},
		{"500", answer("/latest", 500, "text/plain", "on fire"), "1"},
		{"503", answer("/latest", 503, "text/plain", ""), "1"},
		{"never answers", stalling("/v2/", 0, ""), "1"},
		{"stalls in a manifest", stalling("/latest", 200, ""), "1"},
		{"stalls in a configuration or layer", stalling("/blobs/", 200, ""), "1"},
		{"stalls in a 503", stalling("/latest", 503, ""), "1"},
		{"stalls in a 404", stalling("/latest", 404, ""), "not found"},
		{"stalls in a 401", stalling("/latest", 401, "Basic"), "unauthorized"},
		{"has a token server that stalls", stalling("/token", 200, "Bearer realm=https://HOST/token"), "1"},
		{"well", answer("/nothing", 500, "", ""), "2"},
		{"401", answer("/latest", 401, "text/plain", ""), "unauthorized"},
		{"403", answer("/latest", 403, "text/plain", ""), "access denied"},
		{"404", answer("/latest", 404, "text/plain", ""), "not found"},
		{"429", answer("/latest", 429, "text/plain", ""), "too many requests"},
		{"a login page", answer("/latest", 200, "text/html", "<html>"), "got an HTML page"},
	}
	for _, offline := range []bool{true, false} {
		for _, test := range tests {
			t.Run(fmt.Sprintf("%s, allowed: %v", test.name, offline), func(t *testing.T) {
				r := plainRegistry(t)
				if strings.Contains(test.name, "token") {
					r = newRegistryServer(t, (*httptest.Server).StartTLS)
				}
				s, ref := openStore(t), mustParse(t, r.host+"/box")
				r.push(t, buildImage(t, layerTar(t, entry{"v", "1"})), "box", "latest")
				if _, err := Pull(t.Context(), s, ref, hasty()); err != nil {
					t.Fatal(err)
				}
				r.push(t, buildImage(t, layerTar(t, entry{"v", "2"})), "box", "latest")
				if r.before = test.before; test.before == nil {
					r.Close()
				}
				var said []string
				o := hasty()
				limits := &o.Registry.Patience.Limits
				switch {
				case strings.Contains(test.name, "never"):
					limits.Answer = 50 * time.Millisecond
				case strings.Contains(test.name, "stalls"):
					limits.Idle = 50 * time.Millisecond
				}
				o.Offline = offline
				o.Warn = func(message string) { said = append(said, message) }
				image, err := Get(t.Context(), s, ref, Always, o)
				if !offline && test.want == "1" || len(test.want) > 1 {
					if err == nil || len(test.want) > 1 && !strings.Contains(err.Error(), test.want) || len(said) > 0 {
						t.Errorf("got %v, %v, want an error (%s)", image, err, test.want)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if got := merged(t, image, "v"); got != test.want {
					t.Errorf("got version %s, want %s", got, test.want)
				}
				loud := len(said) == 1 && strings.HasPrefix(said[0], "OFFLINE: pull "+r.host+"/box:latest: ")
				if loud != (test.want == "1") {
					t.Errorf("it said %q", said)
				}
			})
		}
	}
}

// stalling begins to answer requests for what has part in its path with that status, or
// not at all for 0, and says nothing more. A challenge is for all other requests.
func stalling(part string, status int, challenge string) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, r *http.Request, _ int) bool {
		challenge := strings.ReplaceAll(challenge, "HOST", r.Host)
		if !strings.Contains(r.URL.Path, part) {
			if challenge != "" {
				w.Header().Set("WWW-Authenticate", challenge)
				w.WriteHeader(http.StatusUnauthorized)
			}
			return challenge != ""
		}
		if status != 0 {
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(status)
			w.Write([]byte("{"))
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		return true
	}
}

func TestGetOfflineWithoutImage(t *testing.T) {
	r := plainRegistry(t)
	r.Close()
	o := hasty()
	o.Offline = true
	_, err := Get(t.Context(), openStore(t), mustParse(t, r.host+"/box"), Always, o)
	checkError(t, err, "pull "+r.host+"/box:latest: ", "connection refused")
}
