package machine

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// quiet is how long nothing must come before a line without an end is taken
// for a prompt, and not for half a line still on its way.
const quiet = 200 * time.Millisecond

// Console is what a machine wrote on its serial port, and how far a scenario
// has read it. It is safe for concurrent use.
type Console struct {
	mu    sync.Mutex
	raw   []byte
	read  int // the offset in raw at which the next match begins
	last  time.Time
	ended bool
}

// Write appends what the machine wrote.
func (c *Console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw = append(c.raw, p...)
	c.last = time.Now()
	return len(p), nil
}

// End says that the machine writes no more.
func (c *Console) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
}

// Raw returns all that the machine wrote so far, byte for byte.
func (c *Console) Raw() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.raw)
}

// Text returns all that the machine wrote so far as a person reads it: without
// the carriage return of a line's end, without escape sequences, and with a line
// of its own for what overwrites a line.
func (c *Console) Text() string {
	text, _ := readable(c.Raw())
	return string(text)
}

// Expect waits until re matches after the previous match: the text that a
// person reads or, with raw, the bytes. It fails when the machine has ended without a
// match, or at the deadline, if there is one. A line still being written does not match before
// it is complete or the console has been quiet for a while, as at a prompt.
func (c *Console) Expect(re *regexp.Regexp, raw bool, deadline time.Time) error {
	for tried := -1; ; {
		unread, ended := c.unread()
		if len(unread) != tried && c.advance(re, raw, unread) {
			return nil
		}
		tried = len(unread)
		switch {
		case ended:
			return fmt.Errorf("the machine ended, and the console did not show %s", re)
		case !deadline.IsZero() && time.Now().After(deadline):
			return fmt.Errorf("the time is up, and the console did not show %s", re)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// unread returns what no match has read yet, as far as it is complete. ended
// reports that nothing more can come.
func (c *Console) unread() (unread []byte, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	end := len(c.raw)
	if !c.ended && time.Since(c.last) < quiet {
		end = max(bytes.LastIndexByte(c.raw, '\n')+1, c.read)
	}
	return c.raw[c.read:end], c.ended
}

// advance reads to the end of the first match of re in unread, if there is one.
func (c *Console) advance(re *regexp.Regexp, raw bool, unread []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, origins := unread, []int(nil)
	if !raw {
		text, origins = readable(unread)
	}
	end := find(re, text, c.read == 0 || c.raw[c.read-1] == '\n')
	if end < 0 {
		return false
	}
	if !raw && end > 0 {
		end = origins[end-1] + 1
	}
	c.read += end
	return true
}

// find returns the offset in text at which the first match of re ends, or -1.
// Where text does not begin a line, ^ does not match at its beginning.
func find(re *regexp.Regexp, text []byte, lineStart bool) int {
	shift := 0
	if !lineStart {
		text, shift = append([]byte{0}, text...), 1
	}
	span := re.FindIndex(text)
	if span == nil {
		return -1
	}
	return max(span[1]-shift, 0)
}

// readable returns raw without the carriage returns before a line feed and
// without the control sequences of ECMA-48 (CSI and OSC), with a line feed for
// any other carriage return, and for each byte of that text the offset in raw
// from which it comes.
func readable(raw []byte) (text []byte, origins []int) {
	for i := 0; i < len(raw); {
		if n := unseen(raw[i:]); n > 0 {
			i += n
			continue
		}
		seen := raw[i]
		if seen == '\r' {
			seen = '\n'
		}
		text = append(text, seen)
		origins = append(origins, i)
		i++
	}
	return text, origins
}

// unseen returns how many bytes at the beginning of b a reader does not see.
func unseen(b []byte) int {
	if b[0] == '\r' {
		n := len(b) - len(bytes.TrimLeft(b, "\r"))
		if n < len(b) && b[n] == '\n' {
			return n
		}
		return 0
	}
	if len(b) < 2 || b[0] != 0x1b {
		return 0
	}
	switch b[1] {
	case '[': // CSI: parameters, then one final byte of @ to ~
		for i := 2; i < len(b); i++ {
			if b[i] >= '@' && b[i] <= '~' {
				return i + 1
			}
		}
		return 0
	case ']': // OSC: up to BEL, or ESC \
		for i := 2; i < len(b); i++ {
			if b[i] == 0x07 {
				return i + 1
			}
			if b[i] == '\\' && b[i-1] == 0x1b {
				return i + 1
			}
		}
		return 0
	}
	return 0
}

// statusLine is what CI systems match, too.
var statusLine = regexp.MustCompile(`Execution is over, pipeline status: ([0-9]+)\r*\n`)

// Status returns the pipeline's status, as a console's last line of it says; ok is false where there is none.
func Status(console []byte) (status int, ok bool) {
	lines := statusLine.FindAllSubmatch(console, -1)
	if len(lines) == 0 {
		return 0, false
	}
	status, err := strconv.Atoi(string(lines[len(lines)-1][1]))
	return status, err == nil
}
