package sh

import (
	"errors"
	"unicode/utf8"

	"bootrc/kit/keys"
)

// errAborted is ctrl-c while a line is typed.
var errAborted = errors.New("aborted")

// typing is what is typed, as x/term reads it: key by key, so that what comes behind a line is left for the next one.
type typing struct {
	keys   *keys.Reader
	pasted bool // what comes is pasted
}

// Read returns one key. What is pasted is text, ends of lines and tabs in it, too. Its error is errAborted at ctrl-c.
func (t *typing) Read(p []byte) (int, error) {
	for {
		key, err := t.keys.Next()
		if err != nil {
			return 0, err
		}
		r, _ := utf8.DecodeRuneInString(key)
		switch {
		case key == "\x1b[200~" || key == "\x1b[201~": // the borders of a paste
			t.pasted = key == "\x1b[200~"
		case r == utf8.RuneError: // x/term would wait for the rest of it
		case t.pasted:
			if key = pastedKey(key); key != "" {
				return copy(p, key), nil
			}
		case key == "\x03":
			return 0, errAborted
		case key == "\r" || key == "\n": // while the cursor is in the line, so that no output begins with it
			bracketPastes(false)
			return copy(p, key), nil
		default:
			return copy(p, sequence(key)), nil
		}
	}
}

// pastedKey is what the editor shows in a line of a character that is pasted.
func pastedKey(key string) string {
	if key == "\r" {
		key = "\n" // as terminals send the end of a line
	}
	if shown := toEditor.Replace(key); shown != key {
		return shown
	}
	if key < " " || key == "\x7f" {
		return ""
	}
	return key
}

// sequence is what x/term knows a key by that terminals have several sequences for.
func sequence(key string) string {
	switch key {
	case "\x1b[1~", "\x1b[7~", "\x1bOH":
		return "\x1b[H" // home
	case "\x1b[4~", "\x1b[8~", "\x1bOF":
		return "\x1b[F" // end
	case "\x1bOA", "\x1bOB", "\x1bOC", "\x1bOD":
		return "\x1b[" + key[2:] // arrows
	case "\x1b[1;5C", "\x1bf":
		return "\x1b[1;3C" // a word to the right
	case "\x1b[1;5D", "\x1bb":
		return "\x1b[1;3D"
	}
	return key
}
