package transport

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"bootrc/kit/retry"
)

// pace keeps the bodies of all requests and answers together to a number of bytes a
// second. Nil does not wait.
type pace struct {
	rate int64
	mu   sync.Mutex
	free time.Time // when what has been let through so far will be over
}

// newPace returns nil for no limit.
func newPace(rate int64) *pace {
	if rate <= 0 {
		return nil
	}
	return &pace{rate: rate}
}

// wait returns when n more bytes are through, or when ctx ends.
func (p *pace) wait(ctx context.Context, n int) {
	p.mu.Lock()
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(float64(n) / float64(p.rate) * float64(time.Second)))
	pause := p.free.Sub(now)
	p.mu.Unlock()
	retry.Sleep(ctx, pause)
}

// request returns r with a body that keeps to the pace.
func (p *pace) request(r *http.Request) *http.Request {
	if p == nil || r.Body == nil || r.Body == http.NoBody {
		return r
	}
	paced := *r
	paced.Body = p.body(r.Context(), r.Body)
	if again := r.GetBody; again != nil {
		paced.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			return p.body(r.Context(), body), err
		}
	}
	return &paced
}

// body returns a body that keeps to the pace until ctx ends.
func (p *pace) body(ctx context.Context, content io.ReadCloser) io.ReadCloser {
	if p == nil {
		return content
	}
	return &pacedBody{content, p, ctx}
}

type pacedBody struct {
	io.ReadCloser
	pace *pace
	ctx  context.Context
}

// Read reads little at a time where the pace is slow, because a server takes a long
// silence for the end.
func (b *pacedBody) Read(p []byte) (int, error) {
	const steps = 4 // a second
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), max(b.pace.rate/steps, 1))])
	b.pace.wait(b.ctx, n)
	return n, err
}
