package tools

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"bootrc/test/program"
)

// What kbd makes of its own German keymap swaps y and z.
func TestParseKeymap(t *testing.T) {
	german, err := exec.Command(program.Need(t, "loadkeys"), "--bkeymap", "de-latin1").Output()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := parseKeymap(german)
	const keyY, plain, letter = 21, 0, 0xb
	if want := (key{plain, keyY, letter<<8 | 'z'}); err != nil || !slices.Contains(keys, want) {
		t.Errorf("the key of an American y is no z: %v", err)
	}
	for name, tt := range map[string]struct{ data, want string }{
		"text":     {"keymaps 0-2\nkeycode 21 = z\n", "not a binary keymap"},
		"gzip":     {"\x1f\x8b\x08" + strings.Repeat("\x00", 300), "not a binary keymap"},
		"nothing":  {"", "not a binary keymap"},
		"cut":      {string(german[:len(german)-1]), "cut short"},
		"too long": {string(german) + "x", "1 bytes too many"},
	} {
		if _, err := parseKeymap([]byte(tt.data)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

func TestLoadKeymapRefusesText(t *testing.T) {
	dir := folder(t)
	if err := os.WriteFile(dir+"/de.kmap", []byte("keycode 21 = z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errOut, status := runOurs(t.Context(), t, dir, "loadkmap <de.kmap"); status != 1 || !strings.Contains(errOut, "not a binary keymap") {
		t.Errorf("status %d, %q", status, errOut)
	}
}
