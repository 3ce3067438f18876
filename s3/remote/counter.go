package remote

import (
	"errors"
	"hash"
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

	// of content whose checksum was announced before it was read again to be sent;
	// sum is nil where it comes from memory
	size      int64
	sum       hash.Hash
	announced string

	mu    sync.Mutex
	total int64
	eof   bool
	ended bool
}

// changed tells that what went by is not what was announced.
func (c *counter) changed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total < c.size {
		return c.eof
	}
	return c.sum != nil && encode(c.sum) != c.announced
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
		if c.sum != nil {
			c.sum.Write(b[:n])
		}
		c.moved(int64(n))
	}
	c.eof = c.eof || err == io.EOF
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
