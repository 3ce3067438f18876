package test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScenarios runs the scripts of scenarios/, as many at a time as -parallel
// says.
func TestScenarios(t *testing.T) {
	dir := t.TempDir()
	registry, err := startRegistry(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(registry.stop)
	lab := &lab{builder: &builder{dir: dir}, registry: registry}
	testscript.Run(t, testscript.Params{
		Dir: "scenarios", Setup: lab.setup, Cmds: commands,
		RequireUniqueNames: true,
	})
}
