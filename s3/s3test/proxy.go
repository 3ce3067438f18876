package s3test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
)

// A Proxy stands between s3sync and a server, at an address that stays the same when the
// server gets another, and misbehaves as it is told.
type Proxy struct {
	URL string

	server   *httptest.Server
	target   atomic.Pointer[url.URL]
	mu       sync.Mutex
	faults   []Fault
	requests []string
}

// A Fault is one way to misbehave, at the requests that it is about.
type Fault struct {
	// About says which requests it is about; nil is all.
	About func(*http.Request) bool
	// Skip leaves the first ones alone.
	Skip int
	// Every leaves all but each n-th of the rest alone; 0 is each.
	Every int
	// Times ends it after so many; 0 is never.
	Times int

	// Exactly one of these:

	// Answer answers in the server's place.
	Answer http.HandlerFunc
	// Before is done before the request is passed on.
	Before func(*http.Request)
	// After may change the server's answer.
	After func(*http.Response) error

	seen, done *atomic.Int64
}

// NewProxy starts a proxy in front of the server at address.
func NewProxy(address string) *Proxy {
	p := new(Proxy)
	p.Target(address)
	reverse := &httputil.ReverseProxy{
		// the host stays the one that the client signed
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", p.target.Load().Host
		},
		ModifyResponse: modify,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		Transport:      &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
		FlushInterval:  -1,
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.note(r)
		for _, f := range p.due(r) {
			switch {
			case f.Before != nil:
				f.Before(r)
			case f.Answer != nil:
				f.Answer(w, r)
				return
			}
		}
		reverse.ServeHTTP(w, r)
	}))
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.server.Start()
	p.URL = p.server.URL
	return p
}

// Target has the proxy pass requests on to the server at address.
func (p *Proxy) Target(address string) { p.target.Store(&url.URL{Scheme: "http", Host: address}) }

// Close ends the proxy and its connections.
func (p *Proxy) Close() {
	p.server.CloseClientConnections()
	p.server.Close()
}

// Misbehave has the proxy do so from now on, and forget other faults and the requests
// seen.
func (p *Proxy) Misbehave(faults ...Fault) {
	faults = slices.Clone(faults) // which may be another proxy's, too
	for i := range faults {
		faults[i].seen, faults[i].done = new(atomic.Int64), new(atomic.Int64)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.requests = faults, nil
}

// Requests are those seen, as METHOD URL.
func (p *Proxy) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

// Struck is how often faults were due.
func (p *Proxy) Struck() (n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		n += f.done.Load()
	}
	return n
}

func (p *Proxy) note(r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, r.Method+" "+r.RequestURI)
}

// afterKey is the context's key of the faults for a request's answer.
type afterKey struct{}

// due are the faults for this request; those for its answer go with its context.
func (p *Proxy) due(r *http.Request) (now []Fault) {
	p.mu.Lock()
	faults := p.faults
	p.mu.Unlock()
	var after []Fault
	for _, f := range faults {
		switch {
		case !f.strikes(r):
		case f.After != nil:
			after = append(after, f)
		default:
			now = append(now, f)
		}
	}
	*r = *r.WithContext(context.WithValue(r.Context(), afterKey{}, after))
	return now
}

// strikes counts the request, and says whether it is the fault's turn.
func (f Fault) strikes(r *http.Request) bool {
	if f.About != nil && !f.About(r) {
		return false
	}
	n := f.seen.Add(1) - int64(f.Skip)
	if n <= 0 || f.Every > 1 && n%int64(f.Every) != 0 {
		return false
	}
	if f.Times > 0 && f.done.Load() >= int64(f.Times) {
		return false
	}
	f.done.Add(1)
	return true
}

func modify(answer *http.Response) error {
	after, _ := answer.Request.Context().Value(afterKey{}).([]Fault)
	for _, f := range after {
		if err := f.After(answer); err != nil {
			return err
		}
	}
	return nil
}
