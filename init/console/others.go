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
	queue
}

// Also shows everything on other consoles, too.
func (c *Console) Also(terminals ...io.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, terminal := range terminals {
		o := &other{form: plain{}, queue: queue{chunks: make(chan []byte, queued)}}
		go o.drain(terminal)
		c.others = append(c.others, o)
	}
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
	// queued is how many pieces of text wait for a console.
	queued = 1024
	// announceLimit is how long another console may take for a line that CI systems match.
	announceLimit = time.Second
)

// queue is text on its way to a console.
type queue struct {
	chunks chan []byte

	mu      sync.Mutex
	waiting int
	lost    int
}

// Write never waits.
func (q *queue) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case q.chunks <- append([]byte(nil), p...):
		q.waiting++
	default:
		q.lost += len(p)
	}
	return len(p), nil
}

func (q *queue) drain(w io.Writer) {
	for chunk := range q.chunks {
		w.Write(chunk)
		q.mu.Lock()
		q.waiting--
		lost := 0
		if q.waiting == 0 {
			lost, q.lost = q.lost, 0
		}
		q.mu.Unlock()
		if lost > 0 {
			fmt.Fprintf(w, "[%d bytes are lost: this console was too slow]\n", lost)
		}
	}
}

// wait returns when all has been written, or at end.
func (q *queue) wait(end time.Time) {
	for time.Now().Before(end) {
		q.mu.Lock()
		waiting := q.waiting
		q.mu.Unlock()
		if waiting == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
