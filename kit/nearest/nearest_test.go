package nearest

import "testing"

func TestQuestion(t *testing.T) {
	known := []string{"ls", "lsblk", "mount", "umount", "--privileged", "--os", "b2c.ca", "-a"}
	for name, want := range map[string]string{
		"--prviledged": `; did you mean "--privileged"?`,
		"mout":         `; did you mean "mount"?`,
		"lsbkl":        `; did you mean "lsblk"?`,
		"sl":           "", // too short to tell
		"x":            "",
		"--foo":        "",
		"--so":         "",
		"b2c.xx":       "",
		"-b":           "",
		"dhcp":         "",
	} {
		if got := Question(name, known); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
