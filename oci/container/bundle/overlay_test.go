package bundle

import (
	"strings"
	"testing"

	"github.com/moby/sys/mountinfo"
)

// What is said of a mount that the kernel refused.
func TestAdvice(t *testing.T) {
	for _, test := range []struct {
		kind, options string
		isUpper       bool
		want          string
	}{
		{"cifs", "rw,nocase,vers=3.1.1", false, "mount it without nocase"},
		{"cifs", "rw,vers=3.1.1", false, ""},
		{"nfs4", "rw", false, ""},
		{"nfs4", "rw", true, "keep /storage on a disk or in memory"},
		{"ext4", "rw", true, ""},
	} {
		got := adviceFor(&mountinfo.Info{Mountpoint: "/mnt", FSType: test.kind, VFSOptions: test.options}, test.isUpper)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}
