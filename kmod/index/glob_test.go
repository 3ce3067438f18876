package index

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"fs-ext4", "fs-ext4", true},
		{"fs-ext4", "fs-ext", false},
		{"*", "", true},
		{"a*", "a/b:c", true},
		{"*c", "abc", true},
		{"a*c*e", "abcde", true},
		{"a*c*e", "abcd", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"pci:v00008086d*sv*bc0Csc03i30*", "pci:v00008086d00001E31sv00001AF4sd00001100bc0Csc03i30", true},
		{"pci:v00008086d*sv*bc0Csc03i30*", "pci:v00001AF4d00001E31sv00001AF4sd00001100bc0Csc03i30", false},
		{"usb:v0[0-9A-F]d", "usb:v0Fd", true},
		{"usb:v0[0-9A-F]d", "usb:v0gd", false},
		{"[!a-c]", "d", true},
		{"[^a-c]", "b", false},
		{"[]a]", "]", true},
		{"[a-]", "-", true},
		{"[abc", "[abc", true},
		{"[", "a", false},
		{`a\*`, "a*", true},
		{`a\*`, "ab", false},
		{`a\`, `a\`, true},
	}
	for _, tt := range tests {
		if got := Match(tt.pattern, tt.text); got != tt.want {
			t.Errorf("Match(%q, %q) = %v, want %v", tt.pattern, tt.text, got, tt.want)
		}
	}
}

// A pattern of many stars, against a text that nearly matches, takes exponential
// time in a matcher that tries every way.
func TestMatchManyStars(t *testing.T) {
	if Match(strings.Repeat("a*", 200)+"b", strings.Repeat("a", 4000)) {
		t.Error("a text without b matches a pattern that ends in b")
	}
}
