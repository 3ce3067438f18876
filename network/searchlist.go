package network

import "strings"

// searchList reads names that are encoded as RFC 1035, section 4.1.4, has it: an end that an
// earlier name has, too, may be a pointer to it. The list ends before the first name that is not whole.
func searchList(b []byte) []string {
	var names []string
	for at := 0; at < len(b); {
		name, next, ok := readName(b, at)
		if !ok {
			break
		}
		names, at = append(names, name), next
	}
	return names
}

// readName reads the name that begins at a place, and returns what comes behind it. Pointers lead
// to what stands before, or they would never end. The last name may lack its end (RFC 4704,
// section 4.2).
func readName(b []byte, at int) (name string, next int, ok bool) {
	const pointer = 0xc0
	const longest = 255 // RFC 1035, section 2.3.4
	var labels []string
	first, size := at, 0 // of the part that is read, of the whole name
	for at < len(b) {
		length := int(b[at])
		switch {
		case length == 0:
			return strings.Join(labels, "."), max(next, at+1), true
		case length >= pointer:
			if at+1 == len(b) {
				return "", 0, false
			}
			target := (length-pointer)<<8 | int(b[at+1])
			if target >= first {
				return "", 0, false
			}
			next = max(next, at+2)
			at, first = target, target
		case length >= 64 || at+1+length > len(b) || size+1+length > longest:
			return "", 0, false
		default:
			labels = append(labels, string(b[at+1:at+1+length]))
			at, size = at+1+length, size+1+length
		}
	}
	return strings.Join(labels, "."), at, len(labels) > 0 && next == 0
}
