package registry

import (
	"strings"
	"testing"
)

func TestSchemesInOrder(t *testing.T) {
	tests := []struct {
		registry    string
		credentials bool
		want        string
	}{
		{"127.0.0.1:5000", false, "http https"},
		{"10.0.2.2", false, "http https"},
		{"[fd00::1]:5000", false, "http https"},
		{"localhost:5000", false, "http https"},
		{"10.0.2.2", true, "https http"},
		{"1.1.1.1:5000", false, "https http"},
		{"no-such-host.invalid", false, "https http"},
	}
	for _, test := range tests {
		if got := strings.Join(schemesFor(t.Context(), test.registry, test.credentials), " "); got != test.want {
			t.Errorf("%s: got %s", test.registry, got)
		}
	}
}
