package run

import (
	"bytes"
	"fmt"
	"sync"

	"bootrc/sh/syntax"
)

// parentheses runs ( … ).
func (sh *Shell) parentheses(c *syntax.Subshell) outcome {
	sh.line = c.Line
	child := sh.subshell()
	if err := child.enter("subshell"); err != nil {
		child.fds.close()
		sh.report("", err)
		sh.status = 2
		return sh.fatal()
	}
	sh.status = child.finish(child.list(c.Body))
	sh.settle()
	if sh.proc.flags.Load() != 0 {
		if o := sh.attend(); o != next {
			return o
		}
	}
	return sh.checked()
}

// substitute runs the commands of $(…) and returns what they print. It waits for all that
// can still print, as for the end of a pipe.
func (sh *Shell) substitute(s *syntax.Substitution) (string, error) {
	if len(s.Body) == 0 {
		sh.substituted = 0
		return "", nil
	}
	sh.start(0)
	child := sh.subshell()
	if err := child.enter("command substitution"); err != nil {
		child.fds.close()
		return "", err
	}
	var out captured
	f := newFile(nil)
	f.w, f.closed = &out, make(chan struct{})
	child.fds.put(1, f).release()
	sh.substituted = child.finish(child.list(s.Body))
	sh.settle()
	select {
	case <-f.closed:
	case <-sh.proc.ctx.Done():
	}
	if sh.proc.flags.Load()&flagKilled != 0 {
		return "", &stopError{sh.attend()}
	}
	return out.take()
}

// errTooMuch ends what prints more into a command substitution than a script may hold.
var errTooMuch = fmt.Errorf("more than %d MiB in a command substitution", maxMemory>>20)

// captured is what a command substitution printed.
type captured struct {
	mu       sync.Mutex
	text     bytes.Buffer
	overflow bool
}

func (c *captured) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.text.Len()+len(p) > maxMemory {
		c.overflow = true
		return 0, errTooMuch
	}
	return c.text.Write(p)
}

func (c *captured) take() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.overflow {
		return "", fmt.Errorf("a command substitution printed more than %d MiB", maxMemory>>20)
	}
	return c.text.String(), nil
}
