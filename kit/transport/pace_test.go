package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sending returns the body that a paced request sends, anew the second time.
func sending(ctx context.Context, p *pace, content string) (first, second io.ReadCloser, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://a/", strings.NewReader(content))
	if err != nil {
		return nil, nil, err
	}
	r = p.request(r)
	second, err = r.GetBody()
	return r.Body, second, err
}

// All that goes either way takes its time, however many share it.
func TestPace(t *testing.T) {
	const rate, size = 1000, 5000
	synctest.Test(t, func(t *testing.T) {
		p := newPace(rate)
		content := strings.Repeat("x", size)
		first, second, err := sending(t.Context(), p, content)
		if err != nil {
			t.Fatal(err)
		}
		answer := p.body(t.Context(), io.NopCloser(strings.NewReader(content)))
		begun := time.Now()
		var group sync.WaitGroup
		for _, body := range []io.Reader{first, second, answer} {
			group.Go(func() {
				if got, err := io.ReadAll(body); string(got) != content || err != nil {
					t.Errorf("%d bytes came, %v", len(got), err)
				}
			})
		}
		group.Wait()
		if took := time.Since(begun); took != 3*size/rate*time.Second {
			t.Errorf("%d bytes took %v at %d a second", 3*size, took, rate)
		}
	})
}

func TestNoPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		first, _, err := sending(t.Context(), newPace(0), strings.Repeat("x", 1<<20))
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, first)
		if took := time.Since(begun); took != 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// Who is kept to a pace does not count as a server that stalls.
func TestPaceThatIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		content := &slow{step: 1 << 20, left: 20_000, done: ctx.Done()}
		body := newPace(1).body(t.Context(), newBody(ctx, cancel, content, Limits{Idle: time.Minute, Floor: 16 << 10}))
		if got, err := io.ReadAll(body); len(got) != 20_000 || err != nil {
			t.Errorf("%d bytes came, %v", len(got), err)
		}
	})
}

// The end of a request ends the wait for its turn.
func TestPaceOfWhatIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p := newPace(1)
		p.wait(t.Context(), 0)
		begun := time.Now()
		p.wait(ctx, 1000)
		if took := time.Since(begun); took != time.Second || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Errorf("it took %v", took)
		}
	})
}
