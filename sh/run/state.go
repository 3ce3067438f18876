package run

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"bootrc/sh/syntax"
)

// What follows makes a Shell a word.State.

// Variable is Get.
func (sh *Shell) Variable(name string) (string, bool) { return sh.Get(name) }

// Assign is Set.
func (sh *Shell) Assign(name, value string) error { return sh.Set(name, value) }

// Special returns the parameters ? $ ! - and 0.
func (sh *Shell) Special(name byte) (string, bool) {
	switch name {
	case '?':
		return strconv.Itoa(sh.status), true
	case '$':
		return strconv.Itoa(os.Getpid()), true
	case '!':
		return sh.jobs.last, sh.jobs.last != ""
	case '-':
		return sh.options.letters(), true
	case '0':
		return sh.name, true
	}
	return "", false
}

// Params returns the positional parameters.
func (sh *Shell) Params() []string { return sh.params }

// Dir returns the shell's folder.
func (sh *Shell) Dir() string { return sh.dir }

// Option tells whether an option of set is on.
func (sh *Shell) Option(letter byte) bool { return sh.options.on[letter] }

// Home returns a user's home folder, from /etc/passwd.
func (sh *Shell) Home(user string) (string, bool) {
	f, err := os.Open("/etc/passwd")
	if err != nil {
		return "", false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) >= 6 && fields[0] == user {
			return fields[5], true
		}
	}
	return "", false
}

// Substitute runs a command substitution.
func (sh *Shell) Substitute(s *syntax.Substitution) (string, error) {
	return sh.substitute(s)
}
