package test

import (
	"fmt"
	"strings"
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
	m, err := s.machine()
	if err != nil {
		return err
	}
	return m.Type(strings.Join(args, " ") + "\r")
}

// press presses keys.
func (s *scenario) press(args []string) error {
	m, err := s.machine()
	if err != nil {
		return err
	}
	for _, key := range args {
		sent, err := keyBytes(key)
		if err != nil {
			return err
		}
		if err := m.Type(sent); err != nil {
			return err
		}
	}
	return nil
}
