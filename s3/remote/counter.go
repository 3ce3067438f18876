package remote

import (
	"errors"
	"io"
	"sync"
)

// counter tells of the bytes that go through it.
//
// As the body of a request, it can still be read when the request has failed:
// net/http only promises to be done with a body some time later. What is read
// after the end does not count, and does not touch what the body was made of.
type counter struct {
	reader io.Reader
	moved  func(int64)

	mu    sync.Mutex
	total int64
	ended bool
}

var errEnded = errors.New("the request is over")

func (c *counter) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return 0, errEnded
	}
	n, err := c.reader.Read(b)
	if n > 0 {
		c.total += int64(n)
		c.moved(int64(n))
	}
	return n, err
}

// end lets nothing through any more. After a failure, what was told is taken
// back, because it has to be moved again.
func (c *counter) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if err != nil {
		c.moved(-c.total)
	}
}
