package bound

import "testing"

// failing notes that a test failed.
type failing struct {
	testing.TB
	end    func()
	failed bool
}

func (f *failing) Cleanup(end func())    { f.end = end }
func (f *failing) Errorf(string, ...any) { f.failed = true }

var sink []byte

func TestInput(t *testing.T) {
	for name, tt := range map[string]struct {
		bytes int
		takes func()
		want  bool
	}{
		"little": {0, func() {}, false},
		"a lot of the processor": {0, func() {
			for begun := processor(); processor()-begun <= leastTime; {
			}
		}, true},
		"a lot of memory":         {100, func() { sink = make([]byte, leastMemory+101*byteMemory) }, true},
		"what its input is worth": {1 << 20, func() { sink = make([]byte, 1<<30) }, false},
	} {
		f := failing{TB: t}
		Input(&f, tt.bytes)
		tt.takes()
		if f.end(); f.failed != tt.want {
			t.Errorf("%s: failed: %v, want %v", name, f.failed, tt.want)
		}
	}
	sink = nil
}
