package layer

import (
	"hash"
	"io"
	"sync"
)

const (
	chunkSize  = 128 << 10
	chunkCount = 6
)

// readAhead reads from a source in a goroutine of its own, a few chunks ahead
// of whoever reads from it.
type readAhead struct {
	full  chan chunk
	empty chan []byte
	stop  chan struct{}
	tasks sync.WaitGroup

	current []byte
	rest    []byte
	err     error
}

type chunk struct {
	data []byte
	err  error // what ended the source, after data
}

// newReadAhead begins to read. A sum, where there is one, gets all that is read, a chunk at a time, in
// a goroutine between the others: hashing takes about as long as unpacking.
func newReadAhead(r io.Reader, sum hash.Hash) *readAhead {
	a := &readAhead{
		full:  make(chan chunk, chunkCount),
		empty: make(chan []byte, chunkCount),
		stop:  make(chan struct{}),
	}
	for range chunkCount {
		a.empty <- nil
	}
	read := a.full
	if sum != nil {
		read = make(chan chunk, chunkCount)
		a.tasks.Go(func() { a.sum(read, sum) })
	}
	a.tasks.Go(func() { a.fill(r, read) })
	return a
}

func (a *readAhead) fill(r io.Reader, read chan<- chunk) {
	defer close(read)
	for {
		var buf []byte
		select {
		case buf = <-a.empty:
		case <-a.stop:
			return
		}
		if buf == nil {
			// most layers are small, and need no more than one.
			buf = make([]byte, chunkSize)
		}
		n, err := readSome(r, buf)
		select {
		case read <- chunk{buf[:n], err}:
		case <-a.stop:
			return
		}
		if err != nil {
			return
		}
	}
}

func (a *readAhead) sum(read <-chan chunk, sum hash.Hash) {
	defer close(a.full)
	for c := range read {
		sum.Write(c.data)
		select {
		case a.full <- c:
		case <-a.stop:
			return
		}
	}
}

// readSome reads a quarter of a chunk or more, unless the source ends: it does
// not wait for a whole one, but a stage that handed on every few hundred bytes
// as they come from a network would only wake the next.
func readSome(r io.Reader, buf []byte) (n int, err error) {
	for n < chunkSize/4 && err == nil {
		var m int
		m, err = r.Read(buf[n:])
		n += m
	}
	return n, err
}

// Read returns what the source gave, then its error.
func (a *readAhead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		a.next()
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

func (a *readAhead) next() {
	if a.current != nil {
		a.empty <- a.current[:chunkSize]
		a.current = nil
	}
	c, ok := <-a.full
	if !ok {
		a.err = io.ErrClosedPipe
		return
	}
	a.current, a.rest, a.err = c.data, c.data, c.err
}

// close ends the goroutines. The one that reads returns when its source's Read does.
func (a *readAhead) close() { close(a.stop) }

// wait returns when they have ended.
func (a *readAhead) wait() { a.tasks.Wait() }
