package size

import "testing"

func TestText(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 999_949: "999.9 kB", 999_951: "1.0 MB", 1 << 30: "1.1 GB", 1<<63 - 1: "9.2 EB",
	} {
		if got := Text(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
