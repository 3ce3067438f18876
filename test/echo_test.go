package test

import (
	"regexp"
	"testing"
)

// What a scenario expects must be able to be missing.
func TestExpectedIsNoEcho(t *testing.T) {
	plain := func() (string, error) { return "[7.20]: 10-modules.sh: 0.94 s\n", nil }
	const hook = `b2c.hook=50-hello.sh,http://h/hello.sh,sha256=926d b2c.run="img sh -c 'echo it ran; exit 3'" b2c.trace`
	for _, c := range []struct {
		name, arguments, typed, expected string
		echo                             bool
	}{
		{"an argument's value", hook, "", "ERROR: .*50-hello.sh|sha256", true},
		{"one before an error", hook, "", `^b2c\.hook=.*: `, true},
		{"and with the error", hook, "", `^b2c\.hook=.*: .*SHA-256 is`, false},
		{"a container's command", hook, "", "it ran", true},
		{"its output", hook, "", "^it ran$", false},
		{"its end", hook, "", `^\[.*\]: the container ended with status \d: .*it ran`, true},
		{"with another status than it has to be", hook, "", `the container ended with status 3: `, false},
		{"a flag", hook, "", "b2c.trace", true},
		{"an argument of another boot", "", "", "sha256", false},
		{"what is typed", "", "echo 42", "42$", true},
		{"its output", "", "echo 42", "^42$", false},
		{"of a calculation", "", "echo $((6 * 7))", "^42$", false},
		{"the next prompt", "", "cat file", "^bootrc:/# ", false},
		{"a line of every boot", "", "", ": 10-modules.sh: ", true},
	} {
		s := &scenario{lab: &lab{plain: plain}, arguments: c.arguments}
		if c.typed != "" {
			s.typed = []string{c.typed}
		}
		if err := s.checkExpected(regexp.MustCompile("(?m)" + c.expected)); (err != nil) != c.echo {
			t.Errorf("%s: %q: %v", c.name, c.expected, err)
		}
	}
}
