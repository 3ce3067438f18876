package seconds

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "90": 90 * time.Second, "0.5": 500 * time.Millisecond, "2s": 2 * time.Second, "1.5m": 90 * time.Second,
		"1h": time.Hour, "2d": 48 * time.Hour, ".1": 100 * time.Millisecond,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "m", "-1", "1w", "1mm", "1 s", "soon", "NaN", "Inf", "1e300"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}
