// Package keys reads what a person presses on a terminal in raw mode.
package keys

import (
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// Reader reads keys. It takes no more from the terminal than has come.
type Reader struct {
	// From is the terminal.
	From io.Reader
	// Wait tells whether more comes within a limit, after which an escape is the key of that name, and no part
	// of another key's sequence. nil: what does not come at once never does.
	Wait func(limit time.Duration) bool

	came []byte
}

// Of returns the reader of a terminal that is a file descriptor, too.
func Of(from io.Reader, fd int) *Reader {
	return &Reader{From: from, Wait: func(limit time.Duration) bool { return Wait(fd, limit) }}
}

// apart is how long the bytes of one key's sequence may be apart: a line of 1200 bit/s takes 8 ms for one.
const apart = 50 * time.Millisecond

// Next returns the next key: a character; or the whole sequence that an arrow, a function key or a paste's border
// sends, or a key with alt. Its error is From's.
func (r *Reader) Next() (string, error) {
	for {
		n := length(r.came)
		if n == 0 && len(r.came) > 0 && r.came[0] == escape && (r.Wait == nil || !r.Wait(apart)) {
			n = len(r.came)
		}
		if n > 0 {
			key := string(r.came[:n])
			r.came = r.came[n:]
			return key, nil
		}
		block := make([]byte, 256)
		n, err := r.From.Read(block)
		r.came = append(r.came, block[:n]...)
		if n == 0 && err != nil {
			return "", err
		}
	}
}

const escape = 0x1b

// length is how many bytes the first key has, or 0 if it is not whole: ESC [ or ESC O, parameters, and a letter
// or ~ are one (ECMA-48, 5.4), as are ESC and a character.
func length(keys []byte) int {
	switch {
	case len(keys) == 0 || len(keys) == 1 && keys[0] == escape:
		return 0
	case keys[0] != escape:
		return character(keys)
	case keys[1] == escape:
		return 1
	case keys[1] != '[' && keys[1] != 'O':
		n := character(keys[1:])
		if n > 0 {
			n++
		}
		return n
	}
	for i := 2; i < len(keys); i++ {
		if 0x40 <= keys[i] && keys[i] <= 0x7e {
			return i + 1
		}
	}
	return 0
}

func character(text []byte) int {
	if !utf8.FullRune(text) {
		return 0
	}
	_, n := utf8.DecodeRune(text)
	return n
}

// Wait tells whether something can be read from a file descriptor, now or within a limit.
func Wait(fd int, limit time.Duration) bool {
	for end := time.Now().Add(limit); ; {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, max(0, int(time.Until(end).Milliseconds())))
		if !errors.Is(err, unix.EINTR) {
			return n > 0 && err == nil
		}
	}
}
