package oci

import (
	"fmt"
	"io"
	"sync"

	"bootrc/kit/meter"
	"bootrc/kit/size"
)

// pullMeter shows a pull's progress, and at its end a line that sums up.
type pullMeter struct {
	w     io.Writer
	meter *meter.Meter

	mu  sync.Mutex
	now Progress
}

func newMeter(w io.Writer) *pullMeter {
	m := &pullMeter{w: w}
	m.meter = meter.Start(w, m.text)
	return m
}

// set takes how far the pull is.
func (m *pullMeter) set(p Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = p
}

func (m *pullMeter) get() Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *pullMeter) text() string {
	p := m.get()
	if p.Total == 0 {
		return "waiting for the registry"
	}
	return fmt.Sprintf("%s: %s of %s", p.Reference, size.Text(p.Done), size.Text(p.Total))
}

// stop ends the display; after success, with a line that sums up.
func (m *pullMeter) stop(success bool) {
	m.meter.Stop()
	p := m.get()
	if !success || p.Reference == "" {
		return // or nothing was pulled: the store had it
	}
	fmt.Fprintf(m.w, "%s: fetched %d of %d layers, %s in %.1f s\n",
		p.Reference, p.Layers-p.Cached, p.Layers, size.Text(p.Done), m.meter.Took().Seconds())
}
