package container

import (
	"testing"

	rules "github.com/opencontainers/cgroups/devices/config"
)

func TestAllowAll(t *testing.T) {
	every := &rules.Rule{Type: rules.WildcardDevice, Major: -1, Minor: -1, Permissions: "rwm", Allow: true}
	none := &rules.Rule{Type: rules.WildcardDevice, Major: -1, Minor: -1, Permissions: "rwm"}
	null := &rules.Rule{Type: rules.CharDevice, Major: 1, Minor: 3, Permissions: "rwm", Allow: true}
	noDisk := &rules.Rule{Type: rules.BlockDevice, Major: 8, Minor: -1, Permissions: "w"}
	for _, tt := range []struct {
		name  string
		rules []*rules.Rule
		want  bool
	}{
		{"no rule", nil, false},
		{"only some", []*rules.Rule{null}, false},
		{"every", []*rules.Rule{every}, true},
		{"every, and one more", []*rules.Rule{every, null}, true},
		{"every but one", []*rules.Rule{every, noDisk, null}, false},
		{"one denied before every", []*rules.Rule{noDisk, every}, true},
		{"denied at last", []*rules.Rule{every, none, null}, false},
	} {
		if got := allowAll(tt.rules); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
