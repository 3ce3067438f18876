package boot

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/init/cmdline"
)

func TestParseStacked(t *testing.T) {
	name := filepath.Join(t.TempDir(), "cmdline")
	if line, err := parseStacked(name); err != nil || line.Has("b2c.run") {
		t.Errorf("without a file: %v", err)
	}
	for _, tt := range []struct{ text, hostname, err string }{
		{"b2c.hostname=\"a\nb\"", "a\nb", ""},
		{"b2c.hostname=a b2c.run", "a", ": argument b2c.run: a value is missing"},
		{"b2c.hostname=a\x00", "boot2container", ": binary data, not arguments"},
	} {
		if err := os.WriteFile(name, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		line, err := parseStacked(name)
		if got := line.Value("b2c.hostname"); got != tt.hostname {
			t.Errorf("%q: hostname %q, want %q", tt.text, got, tt.hostname)
		}
		checkError(t, tt.text, err, name, tt.err)
	}
}

func TestUnpack(t *testing.T) {
	for _, tt := range []struct{ text, hostname, err string }{
		{"b2c.hostname=a", "a", ""},
		{"b2c.hostname=a b2c.run", "a", ": argument b2c.run: a value is missing"},
		{"<html>", "boot2container", ": an HTML or XML page, not arguments"},
		{"b2c.hostname=a b2c.extra_args=base64:", "a", ""},
	} {
		line, err := cmdline.Parse("b2c.extra_args=base64:" + base64.StdEncoding.EncodeToString([]byte(tt.text)))
		if err != nil {
			t.Fatal(err)
		}
		packed, err := unpack(line)
		if got := packed.Value("b2c.hostname"); got != tt.hostname || packed.Has("b2c.extra_args") {
			t.Errorf("%q: hostname %q, want %q, and no further b2c.extra_args", tt.text, got, tt.hostname)
		}
		checkError(t, tt.text, err, "argument b2c.extra_args", tt.err)
	}
}

// checkError wants an error that begins with source and text, or none for "".
func checkError(t *testing.T, input string, err error, source, text string) {
	t.Helper()
	switch {
	case text == "" && err != nil, text != "" && err == nil:
		t.Errorf("%q: error %v, want %q", input, err, text)
	case text != "" && !strings.HasPrefix(err.Error(), source+text):
		t.Errorf("%q: error %v, want %s%s", input, err, source, text)
	}
}
