package volume

import "fmt"

// maxNameLength is the longest file name that file systems hold, in bytes.
const maxNameLength = 255

// checkName refuses what is no volume's name. The rule is podman's: [a-zA-Z0-9][a-zA-Z0-9_.-]*.
func checkName(name string) error {
	valid := name != "" && len(name) <= maxNameLength
	for i := range len(name) {
		c := name[i]
		alphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		valid = valid && (alphanumeric || i > 0 && (c == '_' || c == '.' || c == '-'))
	}
	if !valid {
		return fmt.Errorf("%q is no volume's name: 1 to %d letters, digits, '_', '.' and '-', the first a letter or digit", clip(name), maxNameLength)
	}
	return nil
}

// clip keeps an error's line short.
func clip(text string) string {
	if len(text) > 64 {
		return text[:64] + "…"
	}
	return text
}
