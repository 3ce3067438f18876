package network

import (
	"fmt"
	"strings"
)

// checkDomain tells whether a name that came from outside may be written to
// resolv.conf or become the host's name: labels of letters, digits, - and _,
// each of 1 to 63 bytes and not starting with -, 253 bytes in all (RFC 1035,
// section 2.3.4; the underscore is a concession to what networks really use).
func checkDomain(name string) error {
	trimmed := strings.TrimSuffix(name, ".")
	if trimmed == "" || len(trimmed) > 253 {
		return fmt.Errorf("name %q: must have 1 to 253 characters", name)
	}
	for label := range strings.SplitSeq(trimmed, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' {
			return fmt.Errorf("name %q: bad label %q", name, label)
		}
		for _, c := range []byte(label) {
			if !isNameByte(c) {
				return fmt.Errorf("name %q: bad character %q", name, c)
			}
		}
	}
	return nil
}

func isNameByte(c byte) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// domains keeps the names that pass checkDomain, each once, and at most as
// many as old resolvers read from a search line (resolv.conf(5)).
func domains(names []string) []string {
	const limit = 6
	var kept []string
	seen := make(map[string]bool)
	for _, n := range names {
		n = strings.TrimSuffix(n, ".")
		if checkDomain(n) != nil || seen[n] || len(kept) == limit {
			continue
		}
		seen[n] = true
		kept = append(kept, n)
	}
	return kept
}

// checkDevice tells whether the kernel would take a name for an interface
// (dev_valid_name in net/core/dev.c).
func checkDevice(name string) error {
	const maxLength = 15
	bad := strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == '/' || r == ':' || r == 0x7f })
	if name == "" || name == "." || name == ".." || len(name) > maxLength || bad {
		return fmt.Errorf("%q is no interface name", name)
	}
	return nil
}
