package command

import "time"

// Work is something that took its time: a phase, a container, a transfer.
type Work struct {
	Kind  string // "phase", "container", "pull", "s3sync"
	Name  string
	Took  time.Duration
	Bytes int64 // transferred, or 0
}

// Record notes for the summary what began then and ends now.
func (c *Call) Record(kind, name string, begin time.Time, bytes int64) {
	if c.Recorder != nil {
		c.Recorder(Work{Kind: kind, Name: name, Took: time.Since(begin), Bytes: bytes})
	}
}
