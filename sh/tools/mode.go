package tools

import (
	"fmt"
	"io/fs"
	"os/user"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"os"
)

// modeString is a file's mode as ls -l shows it.
func modeString(m fs.FileMode) string {
	s := []byte("----------")
	s[0] = typeLetter(m)
	for i, letter := range []byte("rwxrwxrwx") {
		if m&(1<<(8-i)) != 0 {
			s[i+1] = letter
		}
	}
	special(s, 3, m&fs.ModeSetuid != 0, 's')
	special(s, 6, m&fs.ModeSetgid != 0, 's')
	special(s, 9, m&fs.ModeSticky != 0, 't')
	return string(s)
}

func typeLetter(m fs.FileMode) byte {
	switch {
	case m.IsDir():
		return 'd'
	case m&fs.ModeSymlink != 0:
		return 'l'
	case m&fs.ModeCharDevice != 0:
		return 'c'
	case m&fs.ModeDevice != 0:
		return 'b'
	case m&fs.ModeNamedPipe != 0:
		return 'p'
	case m&fs.ModeSocket != 0:
		return 's'
	}
	return '-'
}

func special(s []byte, at int, set bool, letter byte) {
	if !set {
		return
	}
	if s[at] == '-' {
		letter -= 'a' - 'A'
	}
	s[at] = letter
}

// modeBits is the twelve permission bits of a mode as the kernel counts them.
func modeBits(m fs.FileMode) uint32 {
	bits := uint32(m.Perm())
	if m&fs.ModeSetuid != 0 {
		bits |= unix.S_ISUID
	}
	if m&fs.ModeSetgid != 0 {
		bits |= unix.S_ISGID
	}
	if m&fs.ModeSticky != 0 {
		bits |= unix.S_ISVTX
	}
	return bits
}

// changeMode applies a mode, octal or symbolic (XCU, chmod, "Extended
// Description"), to the bits that a file has. Without who, as in "+x", the umask
// protects its bits.
func changeMode(mode string, bits uint32, folder bool, umask uint32) (uint32, error) {
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

// idNames remembers the names of user and group IDs; one without a name is its number.
type idNames map[string]string

func (n idNames) user(id uint32) string {
	return n.name("u", id, func(s string) (string, error) {
		u, err := user.LookupId(s)
		if err != nil {
			return "", err
		}
		return u.Username, nil
	})
}

func (n idNames) group(id uint32) string {
	return n.name("g", id, func(s string) (string, error) {
		g, err := user.LookupGroupId(s)
		if err != nil {
			return "", err
		}
		return g.Name, nil
	})
}

func (n idNames) name(kind string, id uint32, lookup func(string) (string, error)) string {
	number := strconv.FormatUint(uint64(id), 10)
	name, known := n[kind+number]
	if !known {
		var err error
		if name, err = lookup(number); err != nil {
			name = number
		}
		n[kind+number] = name
	}
	return name
}

// currentUmask reads the mask without setting it, as far as the kernel allows.
func currentUmask() uint32 {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(status), "\nUmask:")
		line, _, _ := strings.Cut(rest, "\n")
		if mask, err := strconv.ParseUint(strings.TrimSpace(line), 8, 32); err == nil {
			return uint32(mask)
		}
	}
	mask := unix.Umask(0o022)
	unix.Umask(mask)
	return uint32(mask)
}
