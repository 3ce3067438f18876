package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// journal is the log. What is said again in the same second is not written again: machines repeat their requests, some by the
// thousand.
type journal struct {
	to     io.Writer
	mu     sync.Mutex
	second string
	said   map[string]bool
}

// said is this program's.
var said = &journal{to: os.Stdout}

// line writes a line.
func (j *journal) line(text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if now := time.Now().Format("15:04:05"); now != j.second {
		j.second, j.said = now, make(map[string]bool)
	}
	if j.said[text] {
		return
	}
	j.said[text] = true
	fmt.Fprintf(j.to, "%s %s\n", j.second, text)
}
