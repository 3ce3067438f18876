package pattern

import "strings"

// set is the bytes that a bracket expression matches.
type set [4]uint64

func (s *set) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *set) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

// bracket reads the bracket expression that text begins with (XBD 9.3.5), and
// returns it with its width, or nil if it is not one.
func bracket(text string) (*set, int) {
	s := new(set)
	i := 1
	negated := i < len(text) && (text[i] == '!' || text[i] == '^')
	if negated {
		i++
	}
	for first := true; i < len(text); first = false {
		if text[i] == ']' && !first {
			if negated {
				for k := range s {
					s[k] = ^s[k]
				}
			}
			return s, i + 1
		}
		if name, width := named(text[i:], ':'); width > 0 {
			if !s.addClass(name) {
				return nil, 0
			}
			i += width
			continue
		}
		low, width := member(text[i:])
		i += width
		if i+1 >= len(text) || text[i] != '-' || text[i+1] == ']' {
			s.add(low)
			continue
		}
		high, width := member(text[i+1:])
		i += 1 + width
		for c := int(low); c <= int(high); c++ {
			s.add(byte(c))
		}
	}
	return nil, 0
}

// member reads one character: itself, quoted, [.c.] or [=c=].
func member(text string) (c byte, width int) {
	for _, mark := range []byte{'.', '='} {
		if name, width := named(text, mark); width > 0 && len(name) == 1 {
			return name[0], width
		}
	}
	if text[0] == '\\' && len(text) > 1 {
		return text[1], 2
	}
	return text[0], 1
}

// named reads [:name:], with another mark in the place of the colon.
func named(text string, mark byte) (name string, width int) {
	if len(text) < 2 || text[0] != '[' || text[1] != mark {
		return "", 0
	}
	end := strings.Index(text[2:], string([]byte{mark, ']'}))
	if end <= 0 {
		return "", 0
	}
	return text[2 : 2+end], end + 4
}

// addClass adds the bytes of a character class.
func (s *set) addClass(name string) bool {
	in, ok := Class(name)
	for c := 0; ok && c < 128; c++ {
		if in(byte(c)) {
			s.add(byte(c))
		}
	}
	return ok
}

// Class returns what tells the bytes of a character class of the POSIX locale (XBD 7.3.1).
func Class(name string) (in func(byte) bool, ok bool) {
	switch name {
	case "alpha":
		in = alpha
	case "digit":
		in = digit
	case "alnum":
		in = func(c byte) bool { return alpha(c) || digit(c) }
	case "upper":
		in = func(c byte) bool { return 'A' <= c && c <= 'Z' }
	case "lower":
		in = func(c byte) bool { return 'a' <= c && c <= 'z' }
	case "space":
		in = func(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
	case "blank":
		in = func(c byte) bool { return c == ' ' || c == '\t' }
	case "punct":
		in = func(c byte) bool { return '!' <= c && c <= '~' && !alpha(c) && !digit(c) }
	case "print":
		in = func(c byte) bool { return ' ' <= c && c <= '~' }
	case "graph":
		in = func(c byte) bool { return '!' <= c && c <= '~' }
	case "cntrl":
		in = func(c byte) bool { return c < ' ' || c == 0x7f }
	case "xdigit":
		in = func(c byte) bool { return digit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
	}
	return in, in != nil
}

func alpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func digit(c byte) bool { return '0' <= c && c <= '9' }
