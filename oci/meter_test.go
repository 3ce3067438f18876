package oci

import (
	"bytes"
	"regexp"
	"testing"
)

func TestMeterText(t *testing.T) {
	var m pullMeter
	if got := m.text(); got != "waiting for the registry" {
		t.Errorf("before anything has come: %q", got)
	}
	m.set(Progress{Reference: "box", Done: 1500, Total: 12_345_678})
	if got := m.text(); got != "box: 1.5 kB of 12.3 MB" {
		t.Errorf("on the way: %q", got)
	}
}

func TestMeterSumsUp(t *testing.T) {
	for _, tt := range []struct {
		now     Progress
		success bool
		want    string
	}{
		{Progress{Reference: "box", Layers: 3, Cached: 1, Done: 1500, Total: 1500}, true,
			`^box: fetched 2 of 3 layers, 1\.5 kB in \d+\.\d s\n$`},
		{Progress{Reference: "box", Layers: 3, Done: 1500, Total: 9000}, false, `^$`},
		{Progress{}, true, `^$`},
	} {
		var b bytes.Buffer
		m := newMeter(&b)
		m.set(tt.now)
		m.stop(tt.success)
		if !regexp.MustCompile(tt.want).MatchString(b.String()) {
			t.Errorf("%+v, success %v: %q, want %s", tt.now, tt.success, b.String(), tt.want)
		}
	}
}
