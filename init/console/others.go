package console

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// other is another console of the machine. What it shows is a readable form of what the first one does; what
// it is too slow for, or does not take at all, is lost, and nobody waits for it.
type other struct {
	form form
	*queue
}

// Also shows everything on another console, too.
func (c *Console) Also(terminal io.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := &other{form: plain{}, queue: newQueue()}
	go o.drain(terminal)
	c.others = append(c.others, o)
}

// entry shows one thing that the boot says on every console, and output what others print.
func (c *Console) entry(e entry) {
	c.form.entry(c.terminal, e)
	for _, o := range c.others {
		o.form.entry(o, e)
	}
	if e.Event == "announce" { // the last lines of a boot are such
		end := time.Now().Add(announceLimit)
		for _, o := range c.others {
			o.wait(end)
		}
	}
}

func (c *Console) output(p []byte) (int, error) {
	for _, o := range c.others {
		o.form.output(o, p)
	}
	return c.form.output(c.terminal, p)
}

const (
	// queued is how many bytes wait for a console.
	queued = 256 << 10
	// announceLimit is how long another console may take for a line that CI systems match.
	announceLimit = time.Second
)

// queue is text on its way to a console.
type queue struct {
	mu      sync.Mutex
	came    sync.Cond // text has
	text    []byte
	lost    int  // bytes
	writing bool // what was text before
}

func newQueue() *queue {
	q := new(queue)
	q.came.L = &q.mu
	return q
}

// Write never waits.
func (q *queue) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.text)+len(p) > queued {
		q.lost += len(p)
		return len(p), nil
	}
	q.text = append(q.text, p...)
	q.came.Signal()
	return len(p), nil
}

func (q *queue) drain(w io.Writer) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for len(q.text) == 0 {
			q.came.Wait()
		}
		text := q.text
		if q.lost > 0 {
			text = fmt.Appendf(text, "[%d bytes are lost: this console was too slow]\n", q.lost)
		}
		q.text, q.lost, q.writing = nil, 0, true
		q.mu.Unlock()
		w.Write(text)
		q.mu.Lock()
		q.writing = false
	}
}

// wait returns when all has been written, or at end.
func (q *queue) wait(end time.Time) {
	for time.Now().Before(end) {
		q.mu.Lock()
		done := len(q.text) == 0 && !q.writing
		q.mu.Unlock()
		if done {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
