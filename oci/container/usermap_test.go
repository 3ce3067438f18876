package container

import (
	"math"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

func TestFreeUsers(t *testing.T) {
	type users = specs.LinuxIDMapping
	const first = autoFirst
	for name, tt := range map[string]struct {
		taken []users
		size  uint32
		want  uint32 // 0: there are none
	}{
		"none":             {nil, 65536, first},
		"one":              {[]users{{HostID: first, Size: 65536}}, 65536, first + 65536},
		"a gap":            {[]users{{HostID: first + 3000, Size: 1000}, {HostID: first, Size: 1000}}, 2000, first + 1000},
		"too small a gap":  {[]users{{HostID: first + 3000, Size: 1000}, {HostID: first, Size: 1000}}, 2001, first + 4000},
		"the machine's":    {[]users{{HostID: 0, Size: math.MaxUint32}}, 65536, first},
		"up to the last":   {[]users{{HostID: first, Size: math.MaxUint32 - first - 5}}, 5, math.MaxUint32 - 5},
		"more than are":    {[]users{{HostID: first, Size: math.MaxUint32 - first - 5}}, 6, 0},
		"a size like that": {[]users{{HostID: first, Size: 1}}, math.MaxUint32, 0},
	} {
		got, err := freeUsers(tt.taken, tt.size)
		if got != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("%s: %d, %v; want %d", name, got, err, tt.want)
		}
	}
}
