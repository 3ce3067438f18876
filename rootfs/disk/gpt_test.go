package disk

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// changed opens an image for a change of its table, of 512-byte sectors.
func changed(t *testing.T, path string, do func(f *os.File, size int64)) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	do(f, info.Size())
}

// checkPartition has sgdisk look at both copies of the table, and at a partition.
func checkPartition(t *testing.T, path string, number int, name string, first, last int64) {
	t.Helper()
	out := shell(t, fmt.Sprintf(`sgdisk -v "$1"; sgdisk -i %d "$1"`, number), path)
	for _, want := range []string{
		"No problems found", "name: '" + name + "'",
		fmt.Sprintf("First sector: %d ", first), fmt.Sprintf("Last sector: %d ", last),
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in what sgdisk says:\n%s", want, out)
		}
	}
}

// The one partition is as large as the disk, and grows with it.
func TestTable(t *testing.T) {
	const sectors = 1 << 20 / 512
	path := image(t, 300<<20)
	changed(t, path, func(f *os.File, size int64) {
		if err := writeTable(f, size, 512, "B2C_CACHE"); err != nil {
			t.Fatal(err)
		}
		if grown, err := growTable(f, size, 512, 1); err != nil || grown {
			t.Errorf("grown at once: %v, %v", grown, err)
		}
	})
	checkPartition(t, path, 1, "B2C_CACHE", sectors, 299*sectors-1)

	if err := os.Truncate(path, 4<<40); err != nil {
		t.Fatal(err)
	}
	changed(t, path, func(f *os.File, size int64) {
		if grown, err := growTable(f, size, 512, 1); err != nil || !grown {
			t.Errorf("not grown: %v", err)
		}
	})
	checkPartition(t, path, 1, "B2C_CACHE", sectors, (4<<20-1)*sectors-1)
}

// Another's space is not ours: neither what was left free, nor what is behind another
// partition, nor what another kind of table says.
func TestTableDoesNotGrow(t *testing.T) {
	for _, tt := range []struct{ name, make string }{
		{"space that was left free", `sgdisk -n 1:0:+20M "$1"`},
		{"another partition behind", `sgdisk -n 1:0:+20M -n 2:0:+10M "$1"; truncate -s 128M "$1"`},
		{"no table", `:`},
		{"no partition", `sgdisk -o "$1"; truncate -s 128M "$1"`},
		{"a broken table", `sgdisk -n 1 "$1"; truncate -s 128M "$1"; printf xxxx | dd status=none conv=notrunc bs=1 seek=1050 of="$1"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // sgdisk sleeps for a second whenever it has written
			path := image(t, 64<<20)
			shell(t, tt.make, path)
			before := shell(t, `sha256sum "$1"`, path)
			changed(t, path, func(f *os.File, size int64) {
				if grown, err := growTable(f, size, 512, 1); err != nil || grown {
					t.Errorf("grown is %v, %v", grown, err)
				}
			})
			if shell(t, `sha256sum "$1"`, path) != before {
				t.Error("something was written")
			}
		})
	}
}

// sgdisk's own table grows, too, with the partition before ours untouched.
func TestForeignTableGrows(t *testing.T) {
	path := image(t, 64<<20)
	shell(t, `sgdisk -n 1:0:+20M -c 1:data -n 2 -c 2:B2C_CACHE "$1"; truncate -s 128M "$1"`, path)
	changed(t, path, func(f *os.File, size int64) {
		if grown, err := growTable(f, size, 512, 2); err != nil || !grown {
			t.Errorf("not grown: %v", err)
		}
	})
	const sectors = 1 << 20 / 512
	checkPartition(t, path, 1, "data", sectors, 21*sectors-1)
	checkPartition(t, path, 2, "B2C_CACHE", 21*sectors, 127*sectors-1)
}
