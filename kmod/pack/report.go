package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// report counts what was packed, in bytes.
type report struct {
	version       string
	modules       int
	bytes         int
	indexes       int
	firmware      int
	firmwareNamed int // by the modules
	firmwareBytes int
	folders       map[string]int
}

func newReport(version string) *report {
	return &report{version: version, folders: make(map[string]int)}
}

// module counts a module under the first three folders of its path, such as
// kernel/drivers/net.
func (r *report) module(file string, size int) {
	parts := strings.Split(path.Dir(file), "/")
	r.folders[strings.Join(parts[:min(3, len(parts))], "/")] += size
	r.modules++
	r.bytes += size
}

func (r *report) print(w io.Writer, verbose bool) {
	if verbose {
		folders := slices.SortedFunc(maps.Keys(r.folders), func(a, b string) int {
			return cmp.Or(cmp.Compare(r.folders[b], r.folders[a]), cmp.Compare(a, b))
		})
		for _, folder := range folders {
			fmt.Fprintf(w, "%10d %s\n", r.folders[folder], folder)
		}
	}
	fmt.Fprintf(w, "%s: %d modules, %d bytes; indexes, %d bytes; %d firmware files of %d that they name, %d bytes\n",
		r.version, r.modules, r.bytes, r.indexes, r.firmware, r.firmwareNamed, r.firmwareBytes)
}
