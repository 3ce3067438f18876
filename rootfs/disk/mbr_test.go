package disk

import (
	"os"
	"strings"
	"testing"
)

// A partition takes what is free behind the others; the boot code and the others stay.
func TestAppendPartition(t *testing.T) {
	path := image(t, 300<<20)
	shell(t, `printf 'boot code' | dd of="$1" conv=notrunc status=none; printf 'start=2048,size=4000,type=c,bootable\n' | sfdisk -q "$1"
		printf rest | dd of="$1" conv=notrunc status=none bs=1M seek=3`, path)
	changed(t, path, func(f *os.File, size int64) {
		if _, err := appendToTable(f, size, 298<<20); err == nil || !strings.Contains(err.Error(), "only 297 MiB are free") {
			t.Errorf("with less room than wanted: %v", err)
		}
		if number, err := appendToTable(f, size, 297<<20); err != nil || number != 2 {
			t.Fatalf("partition %d, %v", number, err)
		}
		if c, err := probe(f, size); err != nil || c.Type != Unfinished+",dos" {
			t.Errorf("the disk holds %q, %v", c.Type, err)
		}
		for _, tt := range []struct {
			at   int64
			want string
		}{{0, "boot code"}, {3 << 20, "\x00\x00\x00\x00"}} {
			got := make([]byte, len(tt.want))
			if _, err := f.ReadAt(got, tt.at); err != nil || string(got) != tt.want {
				t.Errorf("at %d: %q, %v", tt.at, got, err)
			}
		}
	})
	want := path + `1 : start=        2048, size=        4000, type=c, bootable
` + path + `2 : start=        6144, size=      608256, type=83`
	if got := shell(t, `sfdisk -d "$1" | grep start=`, path); got != want {
		t.Errorf("the table is\n%swant\n%s", got, want)
	}
}
