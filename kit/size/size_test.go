package size

import "testing"

func TestParse(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "4096": 4096, "4096B": 4096, "512K": 512 << 10, "500m": 500 << 20, "1G": 1 << 30, "2GiB": 2 << 30,
		"1GB": 1e9, "3kB": 3000, "1T": 1 << 40, "1g": 1 << 30,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]int64{"2b": 1024, "2": 2, "2B": 2, "2k": 2048, "2kB": 2000, "2kb": 2000, "0": 0, "3M": 3 << 20, "1T": 1 << 40} {
		if got, err := ParseBlocks(text); err != nil || got != want {
			t.Errorf("in blocks, %s: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "b", "k", "-1", "-1b", "99999999999999999b", "99999999999T", "1bb", "1kk", "1.5k", "x"} {
		if got, err := ParseBlocks(text); err == nil {
			t.Errorf("in blocks, %q: got %d, want an error", text, got)
		}
	}
	for _, text := range []string{"", "G", "-1G", "1.5G", "1X", "1iB", "9999999999G", "9000000T", "1GG", "1BK", "1 G", "lots", "%"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}
