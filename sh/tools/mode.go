package tools

import (
	"io/fs"
	"os/user"
	"strconv"

	"golang.org/x/sys/unix"
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
