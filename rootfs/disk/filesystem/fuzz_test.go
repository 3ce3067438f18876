package filesystem

import (
	"strings"
	"testing"
	"unicode"

	"bootrc/test/bound"
)

// FuzzNotice takes any bytes for a record of the kernel's log.
func FuzzNotice(f *testing.F) {
	f.Add("3,1,2,-;nfs: server 10.0.2.2 not responding, timed out\n SUBSYSTEM=x\n")
	f.Add(";nfs: server \x1b[2J")
	f.Fuzz(func(t *testing.T, record string) {
		bound.Input(t, len(record))
		text := notice(record)
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
			t.Errorf("%q reaches the console", text)
		}
	})
}
