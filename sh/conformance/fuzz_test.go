package conformance

import "testing"

// FuzzScripts runs scripts that a grammar makes up in dash and here. Without -fuzz it takes
// some, always the same; a script that differed shows with -run FuzzScripts/NAME.
func FuzzScripts(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		script := script(seed)
		got, want := runScript(t, ours(t), script), runScript(t, dash, script)
		if got != want {
			t.Errorf("seed %d:\n%s\nhere: %v\ndash: %v", seed, script, got, want)
		}
	})
}
