package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
)

// watched is a proxy to the registry that notes what is asked for.
type watched struct {
	server *httptest.Server

	mu       sync.Mutex
	requests []string // since take
}

func watch(upstream string) *watched {
	w := new(watched)
	pass := withLayers(upstream, func(layer []byte) ([]byte, int) { return layer, len(layer) })
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.requests = append(w.requests, r.Method+" "+r.URL.Path)
		w.mu.Unlock()
		pass(rw, r)
	}))
	return w
}

func (w *watched) stop() {
	w.server.CloseClientConnections()
	w.server.Close()
}

// take returns the requests since it was last called.
func (w *watched) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	requests := w.requests
	w.requests = nil
	return requests
}

// checkRequests compares the requests since the last time with expressions, one
// for each.
func (s *scenario) checkRequests(expressions []string) error {
	if s.watched == nil {
		return fmt.Errorf("no registry is watched")
	}
	requests := s.watched.take()
	matches := len(requests) == len(expressions)
	for i := 0; matches && i < len(requests); i++ {
		re, err := regexp.Compile(expressions[i])
		if err != nil {
			return err
		}
		matches = re.MatchString(requests[i])
	}
	if !matches {
		return fmt.Errorf("the registry was asked for\n%s\nand not for\n%s",
			strings.Join(requests, "\n"), strings.Join(expressions, "\n"))
	}
	return nil
}
