package boot

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"bootrc/sh/syntax"
	"bootrc/test/program"
)

// The bundled hooks are POSIX, so that what a person knows of a shell is true
// of them, and every one of them is a phase.
func TestBundledHooks(t *testing.T) {
	hooks, err := filepath.Glob("../../hooks/*")
	if err != nil || len(hooks) == 0 {
		t.Fatalf("no hooks: %v", err)
	}
	for _, hook := range hooks {
		if !isHookName(filepath.Base(hook)) {
			t.Errorf("%s is not named NN-name.sh", hook)
		}
		text, err := os.ReadFile(hook)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := syntax.ParseAll(string(text), 1, nil); err != nil {
			t.Errorf("%s: %v", hook, err)
		}
		if out, err := exec.Command(program.Need(t, "dash"), "-n", hook).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", hook, err, out)
		}
	}
}
