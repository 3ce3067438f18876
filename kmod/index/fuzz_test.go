package index

import (
	"testing"

	"bootrc/test/bound"
)

// FuzzFind takes any bytes for an index.
func FuzzFind(f *testing.F) {
	for _, some := range [][]string{{"a*", "a[b-d]c"}, {"pci:v00001AF4d*sv*sd*bc*sc*i*", "pci:v*"}, {"x"}} {
		var entries []Entry
		for i, pattern := range some {
			entries = append(entries, Entry{pattern, "m", i})
		}
		data, err := Write(entries)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00")
	}
	f.Fuzz(func(t *testing.T, data []byte, key string) {
		bound.Input(t, len(data)+len(key))
		if x, err := Parse(data); err == nil {
			x.Find(key)
		}
	})
}

func FuzzMatch(f *testing.F) {
	f.Add("a[!b-]*?\\*", "acx*")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		bound.Input(t, len(pattern)+len(text))
		Match(pattern, text)
	})
}
