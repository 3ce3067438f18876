package registry

import (
	"runtime"
	"strings"
	"testing"
)

func TestCompile(t *testing.T) {
	program, err := compile("bootrc/test/boot/hello", runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(program), "\x7fELF") {
		t.Errorf("not a program: %.20q", program)
	}
	if _, err := compile("bootrc/test/boot/nothing", runtime.GOARCH); err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("compile a command that is not there: %v", err)
	}
}
