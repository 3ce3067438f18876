package kmod

import (
	"maps"
	"slices"
	"testing"
)

func TestParseCmdline(t *testing.T) {
	tests := []struct {
		line      string
		options   []option
		blacklist []string
	}{
		{"", nil, nil},
		{"console=ttyS0 quiet ro", nil, nil},
		{"virtio_net.napi_tx=0\n", []option{{"virtio_net", "napi_tx=0"}}, nil},
		{"virtio-net.napi_tx=0", []option{{"virtio_net", "napi_tx=0"}}, nil},
		{"loop.max_loop=8 loop.max_part=3", []option{{"loop", "max_loop=8"}, {"loop", "max_part=3"}}, nil},
		{"usbcore.nousb", []option{{"usbcore", "nousb"}}, nil},
		{`dummy.text="a b"`, []option{{"dummy", `text="a b"`}}, nil},
		{`"dummy.text=a b"`, []option{{"dummy", `text="a b"`}}, nil},
		{`dummy.text="ab"`, []option{{"dummy", `text=ab`}}, nil},
		{`b2c.run="docker://x loop.max_loop=9"`, []option{{"b2c", `run="docker://x loop.max_loop=9"`}}, nil},
		{"a.b=1 -- c.d=2", []option{{"a", "b=1"}}, nil},
		{"modprobe.blacklist=a,b-c", nil, []string{"a", "b_c"}},
		{"modprobe.blacklist=a modprobe.blacklist=d", nil, []string{"a", "d"}},
		{"module_blacklist=a initcall_blacklist=b module_blacklist.c=1", []option{{"module_blacklist", "c=1"}}, nil},
		{`. .. .x x. =. .= " "" "."`, nil, nil},
		{`a.b="never closed c.d=1`, []option{{"a", `b="never closed c.d=1"`}}, nil},
	}
	for _, tt := range tests {
		c := &config{blacklist: make(map[string]bool), never: make(map[string]bool)}
		c.parseCmdline(tt.line)
		if !slices.Equal(c.options, tt.options) {
			t.Errorf("%q: options %q, want %q", tt.line, c.options, tt.options)
		}
		if got := slices.Sorted(maps.Keys(c.blacklist)); !slices.Equal(got, tt.blacklist) {
			t.Errorf("%q: blacklist %q, want %q", tt.line, got, tt.blacklist)
		}
	}
}
