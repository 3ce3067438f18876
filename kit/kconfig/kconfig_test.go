package kconfig

import (
	"os"
	"strings"
	"testing"
)

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
