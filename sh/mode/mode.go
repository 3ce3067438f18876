// Package mode reads permissions as chmod(1) and umask(1) have them.
package mode

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Change applies a mode, octal or symbolic (XCU, chmod, "Extended
// Description"), to the twelve bits that a file has. Without who, as in "+x", the umask
// protects its bits.
func Change(mode string, bits uint32, folder bool, umask uint32) (uint32, error) {
	if n, err := strconv.ParseUint(mode, 8, 32); err == nil && n <= 0o7777 {
		return uint32(n), nil
	}
	for clause := range strings.SplitSeq(mode, ",") {
		at := strings.IndexAny(clause, "+-=")
		if at < 0 || strings.Trim(clause[:at], "ugoa") != "" {
			return 0, badMode(mode)
		}
		who := clause[:at]
		for rest := clause[at:]; rest != ""; {
			end := strings.IndexAny(rest[1:], "+-=") + 1
			if end == 0 {
				end = len(rest)
			}
			set, err := permissions(rest[1:end], bits, folder)
			if err != nil {
				return 0, badMode(mode)
			}
			bits = applyMode(bits, rest[0], who, set, umask)
			rest = rest[end:]
		}
	}
	return bits, nil
}

func badMode(mode string) error {
	return fmt.Errorf("%q is not a mode: give it in octal (755) or as changes (u+x,go-w)", mode)
}

// permissions is the bits that letters stand for, for each of user, group and others.
func permissions(letters string, bits uint32, folder bool) (uint32, error) {
	var set uint32
	for _, letter := range letters {
		switch letter {
		case 'r':
			set |= 0o444
		case 'w':
			set |= 0o222
		case 'x':
			set |= 0o111
		case 'X':
			if folder || bits&0o111 != 0 {
				set |= 0o111
			}
		case 's':
			set |= unix.S_ISUID | unix.S_ISGID
		case 't':
			set |= unix.S_ISVTX
		case 'u':
			set |= (bits >> 6 & 7) * 0o111
		case 'g':
			set |= (bits >> 3 & 7) * 0o111
		case 'o':
			set |= (bits & 7) * 0o111
		default:
			return 0, fmt.Errorf("unknown letter %q", letter)
		}
	}
	return set, nil
}

func applyMode(bits uint32, operator byte, who string, set, umask uint32) uint32 {
	var mask uint32
	for _, w := range who {
		mask |= map[rune]uint32{'u': 0o4700, 'g': 0o2070, 'o': 0o1007, 'a': 0o7777}[w]
	}
	if who == "" {
		mask = 0o7777
		set &^= umask
	}
	switch operator {
	case '+':
		return bits | set&mask
	case '-':
		return bits &^ (set & mask)
	}
	return bits&^mask | set&mask
}
