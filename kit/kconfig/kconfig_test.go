package kconfig

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bootrc/test/machine"
)

// Each line of the page's fragment is a symbol that Debian's generic kernel has, and has a reason.
func TestFragment(t *testing.T) {
	page, err := os.ReadFile("../../docs/kernel.md")
	if err != nil {
		t.Fatal(err)
	}
	kernel, err := machine.DebianKernel("amd64", "6.12-generic")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(filepath.Dir(kernel.Image), "config-"+filepath.Base(kernel.Modules)))
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "\n```\n")
	block, _, _ = strings.Cut(block, "\n```\n")
	line := regexp.MustCompile(`^(CONFIG_[A-Z0-9_]+)=y +# .+$`)
	symbols := 0
	for text := range strings.SplitSeq(block, "\n") {
		m := line.FindStringSubmatch(text)
		switch {
		case text == "" || strings.HasPrefix(text, "# "):
		case m == nil:
			t.Errorf("no line of a configuration: %q", text)
		case !regexp.MustCompile(`(?m)^` + m[1] + `=[ym]$`).Match(config):
			t.Errorf("%s: %s does not have it", m[1], kernel.Image)
		default:
			symbols++
		}
	}
	if symbols < 50 {
		t.Errorf("%d symbols in the fragment", symbols)
	}
}

// Each symbol is one that a kernel has, and that docs/kernel.md explains.
func TestSymbolsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/kernel.md")
	if err != nil {
		t.Fatal(err)
	}
	for kind, symbol := range filesystems {
		if !strings.Contains(string(page), "CONFIG_"+symbol) {
			t.Errorf("%s: docs/kernel.md does not explain CONFIG_%s", kind, symbol)
		}
	}
}

func TestFilesystems(t *testing.T) {
	for kind, want := range map[string]string{
		"overlay": "this kernel has no filesystem overlay: CONFIG_OVERLAY_FS must be built in, or its module be on the initramfs",
		"nosuch":  "this kernel has no filesystem nosuch: is its module on the initramfs?",
	} {
		if got := Filesystem(kind).Error(); got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
}
