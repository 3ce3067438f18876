package store

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
)

// An entry of a tar-split is in memory as a whole; there may be many of them.
func TestTarSplitEntries(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"many":     {strings.Repeat(`{"payload":"`+strings.Repeat("A", 1<<20)+`"}`+"\n", 8) + `{"name":".wh.a"}`, "[.wh.a] <nil>"},
		"too long": {`{"payload":"` + strings.Repeat("A", maxEntry) + `"}`, "[] an entry has more than the 4194304 bytes allowed"},
	} {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write([]byte(tt.text))
		w.Close()
		names, err := readWhiteouts(&packed)
		if got := fmt.Sprint(names, err); got != tt.want {
			t.Errorf("%s: got %.100s, want %s", name, got, tt.want)
		}
	}
}
