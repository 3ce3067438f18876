package transport

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"
)

// Limits bound what a server can take of a request's time, and of memory.
type Limits struct {
	Connect time.Duration // for a connection, and again for its TLS handshake
	Answer  time.Duration // from a request's end to the end of its answer's header
	Header  int64         // bytes of that header

	// Idle is how long Floor bytes of an answer's body, or the rest of it, may be waited
	// for: so a body of N bytes takes Idle*(1+N/Floor) at most. It counts only the time
	// in which the body is read: the reader may take longer. It is also how long a
	// connection may take no byte of a request.
	Idle  time.Duration
	Floor int64
}

// Standard is for servers that have nothing to do before they answer.
var Standard = Limits{
	Connect: 10 * time.Second, Answer: 30 * time.Second, Header: 256 << 10,
	Idle: 30 * time.Second, Floor: 16 << 10, // a record of TLS
}

// StallError is an answer that came too slowly, or not at all.
type StallError struct {
	What  string // came: "no answer"
	After time.Duration
}

func (e *StallError) Error() string { return fmt.Sprintf("%s came for %v", e.What, e.After) }

// Timeout makes it a net.Error, such as those that end all other waits.
func (e *StallError) Timeout() bool { return true }

// Temporary is the rest of net.Error.
func (e *StallError) Temporary() bool { return true }

// body is an answer's body that ends its request when it stalls.
type body struct {
	io.ReadCloser
	limits Limits
	ctx    context.Context // the request's
	cancel context.CancelCauseFunc
	timer  *time.Timer // calls cancel
	came   int64
	waited time.Duration // for what came
}

func newBody(ctx context.Context, cancel context.CancelCauseFunc, content io.ReadCloser, l Limits) *body {
	b := &body{ReadCloser: content, limits: l, ctx: ctx, cancel: cancel}
	b.timer = time.AfterFunc(l.Idle, b.stall)
	b.timer.Stop()
	return b
}

func (b *body) stall() {
	b.cancel(&StallError{"next to nothing", b.limits.Idle})
}

func (b *body) Read(p []byte) (int, error) {
	if b.waited >= b.limits.Idle {
		b.stall()
	}
	begun := time.Now()
	b.timer.Reset(b.limits.Idle - b.waited)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	b.waited += time.Since(begun)
	if b.came += int64(n); b.came >= b.limits.Floor {
		b.came, b.waited = 0, 0
	}
	if err != nil {
		// also for io.EOF: a server that notices the end of the request may end its answer
		if stalled, ok := context.Cause(b.ctx).(*StallError); ok {
			err = stalled
		}
		b.cancel(nil)
	}
	return n, err
}

func (b *body) Close() error {
	b.timer.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// connection is one that ends when the other side takes nothing.
type connection struct {
	net.Conn
	idle time.Duration
}

func (c *connection) Write(p []byte) (int, error) {
	c.SetWriteDeadline(time.Now().Add(c.idle))
	return c.Conn.Write(p)
}
