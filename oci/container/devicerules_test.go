package container

import (
	"testing"

	devices "github.com/opencontainers/cgroups/devices/config"
)

func TestAllowAll(t *testing.T) {
	every := &devices.Rule{Type: devices.WildcardDevice, Major: -1, Minor: -1, Permissions: "rwm", Allow: true}
	none := &devices.Rule{Type: devices.WildcardDevice, Major: -1, Minor: -1, Permissions: "rwm"}
	null := &devices.Rule{Type: devices.CharDevice, Major: 1, Minor: 3, Permissions: "rwm", Allow: true}
	noDisk := &devices.Rule{Type: devices.BlockDevice, Major: 8, Minor: -1, Permissions: "w"}
	for _, tt := range []struct {
		name  string
		rules []*devices.Rule
		want  bool
	}{
		{"no rule", nil, false},
		{"only some", []*devices.Rule{null}, false},
		{"every", []*devices.Rule{every}, true},
		{"every, and one more", []*devices.Rule{every, null}, true},
		{"every but one", []*devices.Rule{every, noDisk, null}, false},
		{"one denied before every", []*devices.Rule{noDisk, every}, true},
		{"denied at last", []*devices.Rule{every, none, null}, false},
	} {
		if got := allowAll(tt.rules); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
