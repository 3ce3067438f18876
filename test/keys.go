package test

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"bootrc/test/machine"
)

// keys are what a terminal sends for the keys of a keyboard (ECMA-48, xterm).
var keys = map[string]string{
	"enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
}

// keyBytes returns what a terminal sends for a key: one of keys, ctrl- and a letter, or
// a character.
func keyBytes(key string) (string, error) {
	if sent, ok := keys[key]; ok {
		return sent, nil
	}
	if utf8.RuneCountInString(key) == 1 {
		return key, nil
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
	if len(args) > 0 && args[0] == "-machine" {
		return typeOnKeyboard(m, strings.Join(args[1:], " "))
	}
	text := strings.Join(args, " ")
	s.typed = append(s.typed, text)
	return m.Type(text + "\r")
}

// named are the keys of a keyboard whose names in QEMU are not the characters on them, and those that need shift, on
// a keyboard as it is used in the US.
var (
	named = map[rune]string{
		' ': "spc", '-': "minus", '=': "equal", '[': "bracket_left", ']': "bracket_right", '\\': "backslash", ';': "semicolon",
		'\'': "apostrophe", '`': "grave_accent", ',': "comma", '.': "dot", '/': "slash",
	}
	shifted = map[rune]rune{
		'!': '1', '@': '2', '#': '3', '$': '4', '%': '5', '^': '6', '&': '7', '*': '8', '(': '9', ')': '0', '_': '-', '+': '=',
		'{': '[', '}': ']', '|': '\\', ':': ';', '"': '\'', '~': '`', '<': ',', '>': '.', '?': '/',
	}
)

// keysOf returns the keys that are pressed together for a character.
func keysOf(c rune) []string {
	var together []string
	key := unicode.ToLower(c)
	if plain, ok := shifted[c]; ok {
		key = plain
	}
	if key != c {
		together = append(together, "shift")
	}
	if name, ok := named[key]; ok {
		return append(together, name)
	}
	return append(together, string(key))
}

// typeOnKeyboard types a line on the machine's own keyboard.
func typeOnKeyboard(m *machine.Machine, text string) error {
	for _, c := range text {
		if err := m.PressTogether(keysOf(c)...); err != nil {
			return err
		}
	}
	return m.PressTogether("ret")
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
