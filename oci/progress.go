package oci

import (
	"fmt"
	"io"
	"sync"

	"bootrc/oci/manifest"
	"bootrc/oci/reference"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Progress is how far a pull is.
type Progress struct {
	Reference string
	Layers    int   // of the image
	Cached    int   // of them, those that the store had
	Done      int64 // bytes of layers that have come
	Total     int64 // bytes of layers to come in all; less, as cached ones turn up
}

// progressStep is how many bytes come between two calls of Options.Progress.
const progressStep = 256 << 10

// progress keeps count and reports.
type progress struct {
	options Options

	mu       sync.Mutex
	now      Progress
	reported int64
	all      bool // layers came before they were asked for
}

func newProgress(ref reference.Reference, m *manifest.Document, o Options) *progress {
	p := &progress{options: o, now: Progress{Reference: ref.String(), Layers: len(m.Layers)}}
	for _, l := range m.Layers {
		p.now.Total += l.Size
	}
	return p
}

// add counts bytes that have come.
func (p *progress) add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Done += n
	if p.now.Done-p.reported >= progressStep || n < 0 {
		p.report()
	}
}

// came counts bytes of an archive whose layers have all come.
func (p *progress) came(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all, p.now.Done, p.now.Total, p.reported = true, n, n, n
}

// cached counts a layer that need not come.
func (p *progress) cached(d v1.Descriptor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all {
		return
	}
	p.now.Cached++
	p.now.Total -= d.Size
}

// finish reports the end: whatever has not come was there.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now.Done == 0 {
		p.now.Cached = p.now.Layers
	}
	p.now.Total = p.now.Done
	p.report()
}

func (p *progress) report() {
	p.reported = p.now.Done
	if p.options.Progress != nil {
		p.options.Progress(p.now)
	}
}

func (p *progress) warn(message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.options.warn(message)
}

// checkPlatform fails for an image that cannot run on Linux. One for another
// architecture may run, where an emulator is set up, so that is only said.
func (p *progress) checkPlatform(file *v1.ConfigFile, want v1.Platform) error {
	if file.OS != "" && file.OS != want.OS {
		return fmt.Errorf("the image is for %s, not for %s", file.OS, want.OS)
	}
	if file.Architecture != "" && !manifest.SameArchitecture(file.Architecture, want.Architecture) {
		p.warn(fmt.Sprintf("%s is for %s, not for %s", p.now.Reference, file.Architecture, want.Architecture))
	}
	return nil
}

// count counts what is read from r.
func (p *progress) count(r io.ReadCloser) *countingReader {
	return &countingReader{ReadCloser: r, p: p}
}

type countingReader struct {
	io.ReadCloser
	p    *progress
	read int64
}

// takeBack uncounts what was read: it comes again.
func (c *countingReader) takeBack() { c.p.add(-c.read) }

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	if n > 0 {
		c.read += int64(n)
		c.p.add(int64(n))
	}
	return n, err
}
