package tools

import (
	"io"
	"unicode/utf8"
)

// keyReader reads keys from a terminal in raw mode: a character, or the whole sequence that a key such as an
// arrow sends. A sequence comes in one piece, as a paste does.
type keyReader struct {
	r    io.Reader
	rest []byte
}

func (k *keyReader) next() (string, error) {
	if len(k.rest) == 0 {
		block := make([]byte, 256)
		n, err := k.r.Read(block)
		if n == 0 && err != nil {
			return "", err
		}
		k.rest = block[:n]
	}
	n := keyLength(k.rest)
	key := string(k.rest[:n])
	k.rest = k.rest[n:]
	return key, nil
}

// keyLength is how many bytes the first key has: ESC [ or ESC O, parameters, and a letter or ~ are one (ECMA-48, 5.4).
func keyLength(keys []byte) int {
	if keys[0] != 0x1b || len(keys) < 3 || keys[1] != '[' && keys[1] != 'O' {
		_, n := utf8.DecodeRune(keys)
		return n
	}
	for i := 2; i < len(keys); i++ {
		if 0x40 <= keys[i] && keys[i] <= 0x7e {
			return i + 1
		}
	}
	return len(keys)
}
