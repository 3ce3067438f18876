package main

import (
	"testing"
	"time"
)

// The two moments are read off a console as the kernel and the container leave it.
func TestTimesFromConsole(t *testing.T) {
	tests := map[string]struct {
		console     []string
		init, first time.Duration
	}{
		"both": {
			[]string{
				"[    3.149946] Freeing unused kernel image memory: 1376K",
				"[    3.162098] Run /init as init process",
				"Storing signatures",
				"first instruction at 6.88",
			},
			3162098 * time.Microsecond, 6880 * time.Millisecond,
		},
		"a minute of uptime, and output that shares its line": {
			[]string{"[   62.000001] Run /init as init process", "\x1b[Kfirst instruction at 64.10"},
			62000001 * time.Microsecond, 64100 * time.Millisecond,
		},
		"the words without a time": {
			[]string{"Run /init as init process", "first instruction at once"},
			0, 0,
		},
		"a kernel that never came to /init": {
			[]string{"[    0.044000] Kernel panic - not syncing"},
			0, 0,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := &boot{}
			for _, text := range test.console {
				b.note(line{Text: text}, 0)
			}
			if b.Init != test.init || b.First != test.first {
				t.Errorf("/init at %v, first instruction at %v; want %v and %v", b.Init, b.First, test.init, test.first)
			}
			if len(b.Console) != len(test.console) {
				t.Errorf("%d of %d lines kept", len(b.Console), len(test.console))
			}
		})
	}
}
