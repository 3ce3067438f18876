package test

import (
	"fmt"
	"strings"

	"bootrc/test/machine"
)

// keys are what a terminal sends for the keys of a keyboard (ECMA-48, xterm).
var keys = map[string]string{
	"enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
}

// keyBytes returns what a terminal sends for a key: one of keys, or ctrl- and a
// letter.
func keyBytes(key string) (string, error) {
	if sent, ok := keys[key]; ok {
		return sent, nil
	}
	letter, ok := strings.CutPrefix(strings.ToLower(key), "ctrl-")
	if ok && len(letter) == 1 && letter[0] >= 'a' && letter[0] <= 'z' {
		return string(rune(letter[0] & 0x1f)), nil
	}
	return "", fmt.Errorf("no key is %s", key)
}

// typeLine types its arguments, and enter.
func (s *scenario) typeLine(args []string) error {
	m, err := s.booted()
	if err != nil {
		return err
	}
	text := strings.Join(args, " ")
	s.typed = append(s.typed, text)
	return m.Type(text + "\r")
}

// press presses keys of the terminal or, with -machine, of the machine's own keyboard: there,
// those of one word together.
func (s *scenario) press(args []string) error {
	m, err := s.booted()
	if err != nil {
		return err
	}
	machines := len(args) > 0 && args[0] == "-machine"
	if machines {
		args = args[1:]
	}
	for _, key := range args {
		if machines {
			err = m.PressTogether(strings.Split(key, "-")...)
		} else {
			err = press(m, key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// press presses a key of the terminal.
func press(m *machine.Machine, key string) error {
	sent, err := keyBytes(key)
	if err != nil {
		return err
	}
	return m.Type(sent)
}
