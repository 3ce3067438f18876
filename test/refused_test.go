package test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// What makes no sense together is refused before anything is built. With --boot, the status is the one that git-bisect(1)
// takes for "not tested".
func TestRefusedCalls(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(folder+"/file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		call   string
		status int
		said   string
	}{
		{"--bogus", 2, "--bogus: unknown option"},
		{"--usb", 2, "--usb: its target is missing"},
		{"--serve --export DIR", 2, "--serve and --export: one of them"},
		{"--serve --usb DIR/x", 2, "--serve and --usb: one of them"},
		{"--try arm64 --boot", 125, "--try and --boot: one of them"},
		{"--try coreboot", 2, "--try coreboot: there are bios"},
		{"--arch amd64 --try arm64", 2, "--try arm64: that is no firmware of amd64"},
		{"--dhcp full --export DIR", 2, "are of --serve"},
		{"--serve --dhcp half", 2, "--dhcp half: there are proxy, full and none"},
		{"--port http --serve", 2, "--port http: is no number"},
		{"--serve DIR/file", 1, "--serve DIR/file: cannot be made: File exists\n"},
		{"--export DIR/file/x", 1, "--export DIR/file/x: cannot be made: Not a directory\n"},
		{"--kernel DIR/none --serve DIR/tree --interface nowhere", 1, "interface nowhere: Link not found"},
		{"--sign a:b --iso DIR/x", 2, "--sign is of --uki and --release"},
		{"--sign a --uki DIR/x", 2, "--sign a: not KEY:CERT"},
		{"--sign DIR/a:DIR/b --uki DIR/x", 1, "no such file: DIR/a"},
		{"--any-disk --iso DIR/x", 2, "--any-disk is of --usb"},
		{"--arch arm --usb DIR/x", 2, "--usb: there are amd64 and arm64, not arm"},
		{"--arch amd64 --rpi DIR", 2, "say --arch arm64"},
		{"--modules DIR --usb DIR/x", 2, "give --kernel instead"},
		{"--arch arm64 --microcode DIR --boot", 125, "it is for processors of amd64"},
		{"--bogus --boot", 125, "--bogus: unknown option"},
		{"--boot --kernel DIR/none", 125, "no such file"},
	} {
		words := strings.Fields(strings.ReplaceAll(tt.call, "DIR", folder))
		out, err := exec.Command("../mkinitramfs.sh", words...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != tt.status || !strings.Contains(string(out), strings.ReplaceAll(tt.said, "DIR", folder)) {
			t.Errorf("%s: %v, want %d, %q:\n%s", tt.call, err, tt.status, tt.said, out)
		}
	}
}
