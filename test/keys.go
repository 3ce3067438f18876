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

// ctrlAltDelete is for the kernel: it comes from the machine's keyboard, not from a terminal.
const ctrlAltDelete = "ctrl-alt-delete"

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
	return m.Type(strings.Join(args, " ") + "\r")
}

// press presses keys.
func (s *scenario) press(args []string) error {
	m, err := s.booted()
	if err != nil {
		return err
	}
	for _, key := range args {
		if err := press(m, key); err != nil {
			return err
		}
	}
	return nil
}

// press presses a key, of the terminal or, with ctrlAltDelete, of the machine.
func press(m *machine.Machine, key string) error {
	if key == ctrlAltDelete {
		return m.PressTogether("ctrl", "alt", "delete")
	}
	sent, err := keyBytes(key)
	if err != nil {
		return err
	}
	return m.Type(sent)
}
