package dns

import (
	"bytes"
	"encoding/binary"
)

const (
	headerLength = 12
	typeA        = 1
	typeAAAA     = 28
)

// Bits of the second and third word of a message (RFC 1035, section 4.1.1).
const (
	isAnswer           = 0x80
	authoritative      = 0x04
	truncated          = 0x02
	recursionAvailable = 0x80
	responseCode       = 0x0f
	noSuchName         = 3
)

// question is what Go's resolver sends: one question, with a record for EDNS0 behind it
// unless that is switched off.
type question struct {
	extended []byte // the message as it came
	plain    []byte // the same without EDNS0
	name     string // as it stands in the message, in lower case
	kind     uint16
}

// parseQuestion reads a message of Go's resolver; ok is false for another.
func parseQuestion(m []byte) (q question, ok bool) {
	end, ok := skipName(m)
	if !ok || len(m) < end+4 {
		return q, false
	}
	q.extended, q.plain = bytes.Clone(m), bytes.Clone(m[:end+4])
	q.plain[10], q.plain[11] = 0, 0 // no additional records
	q.name = string(bytes.ToLower(m[headerLength:end]))
	q.kind = binary.BigEndian.Uint16(m[end:])
	return q, true
}

// skipName returns where the name of a message's question ends.
func skipName(m []byte) (end int, ok bool) {
	for i := headerLength; i < len(m); i += int(m[i]) + 1 {
		if m[i] == 0 {
			return i + 1, true
		}
		if m[i] > 63 {
			return 0, false
		}
	}
	return 0, false
}

// isFor tells whether a message answers a question. Servers that do not understand the
// question may leave it out; others write its name in other letters.
func (q question) isFor(m []byte) bool {
	if len(m) < headerLength || !bytes.Equal(m[:2], q.plain[:2]) || m[2]&isAnswer == 0 {
		return false
	}
	if binary.BigEndian.Uint16(m[4:]) == 0 {
		return verdictOf(m) == failure
	}
	end := headerLength + len(q.name)
	return len(m) >= end+4 && string(bytes.ToLower(m[headerLength:end])) == q.name && bytes.Equal(m[end:end+4], q.plain[end:])
}

// nothing is the answer that there is nothing of that kind.
func (q question) nothing() []byte {
	m := bytes.Clone(q.plain)
	m[2] |= isAnswer
	m[3] = recursionAvailable
	return m
}

// whole gives an answer the question that it leaves out, for Go's resolver.
func (q question) whole(m []byte) []byte {
	if binary.BigEndian.Uint16(m[4:]) != 0 {
		return m
	}
	with := bytes.Clone(q.plain)
	with[2], with[3] = m[2], m[3]
	return with
}

// verdict is how much an answer is worth.
type verdict int

const (
	none     verdict = iota // the server said nothing
	failure                 // it does not understand, or does not know
	negative                // there is no such name, or nothing of that kind
	positive
)

func verdictOf(m []byte) verdict {
	answers, additional := binary.BigEndian.Uint16(m[6:]), binary.BigEndian.Uint16(m[10:])
	switch m[3] & responseCode {
	case noSuchName:
		return negative
	case 0:
		if answers > 0 {
			return positive
		}
		if m[2]&authoritative != 0 || m[3]&recursionAvailable != 0 || additional > 0 {
			return negative
		} // else it only names other servers
	}
	return failure
}

func isTruncated(m []byte) bool { return m[2]&truncated != 0 }
