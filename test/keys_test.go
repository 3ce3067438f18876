package test

import "testing"

func TestKeys(t *testing.T) {
	for key, want := range map[string]string{
		"ctrl-c": "\x03", "ctrl-C": "\x03", "ctrl-d": "\x04", "enter": "\r", "up": "\x1b[A", "tab": "\t", "a": "a", "ä": "ä",
		"ctrl-": "", "ctrl-cc": "", "ctrl-1": "", "any": "", "": "",
	} {
		got, err := keyBytes(key)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", key, got, err, want)
		}
	}
}
