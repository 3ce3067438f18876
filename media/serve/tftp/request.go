package tftp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The kinds of packets, and the codes of errors (RFC 1350, section 5; RFC 2347).
const (
	opRead  = 1
	opWrite = 2
	opData  = 3
	opAck   = 4
	opError = 5
	opOAck  = 6

	codeOther    = 0
	codeNotFound = 1
	codeIllegal  = 4
)

// request is a request to read a file.
type request struct {
	file    string
	options []option // those that are known and make sense, in the client's order
}

type option struct {
	name  string // in small letters
	value int
}

// refusal is an error that the client is told.
type refusal struct {
	code uint16
	text string
}

func (r *refusal) Error() string { return r.text }

// limits of the known options: blksize (RFC 2348), timeout and tsize (RFC 2349), windowsize (RFC 7440).
var limits = map[string]struct{ least, most int }{
	"blksize":    {8, 65464},
	"timeout":    {1, 255},
	"tsize":      {0, 0},
	"windowsize": {1, 65535},
}

// parse reads a client's first packet. A nil request without an error is none, and has no answer.
func parse(packet []byte) (*request, error) {
	if len(packet) < 2 {
		return nil, nil
	}
	switch binary.BigEndian.Uint16(packet) {
	case opRead:
	case opWrite:
		return nil, &refusal{codeIllegal, "nothing can be written here"}
	default:
		return nil, nil
	}
	fields := bytes.Split(packet[2:], []byte{0})
	fields = fields[:len(fields)-1] // behind the last zero
	if len(fields) < 2 || len(fields[0]) == 0 {
		return nil, &refusal{codeIllegal, "the request names no file, or no mode"}
	}
	if mode := string(fields[1]); !strings.EqualFold(mode, "octet") {
		return nil, &refusal{codeIllegal, fmt.Sprintf("files are sent in mode octet (binary) alone, not %.20q", mode)}
	}
	return &request{string(fields[0]), options(fields[2:])}, nil
}

// options reads pairs of names and values. What is unknown, out of limits or there already is left
// out, as RFC 2347 asks.
func options(fields [][]byte) []option {
	var known []option
	seen := make(map[string]bool)
	for ; len(fields) >= 2; fields = fields[2:] {
		name := strings.ToLower(string(fields[0]))
		limit, ok := limits[name]
		value, err := strconv.Atoi(string(fields[1]))
		if !ok || err != nil || value < limit.least || value > limit.most || seen[name] {
			continue
		}
		seen[name] = true
		known = append(known, option{name, value})
	}
	return known
}

// terms are what server and client agree on.
type terms struct {
	block   int // bytes of a packet's data
	window  int // packets before an acknowledgement
	wait    time.Duration
	patient bool // wait is the client's own, and does not grow
}

// largestWindow is how many packets are sent at once: more than clients buffer get lost.
const largestWindow = 64

// agree returns the terms for a file of that size, and the packet that confirms the options; nil
// where there are none. A block fits into a packet of the network (largest).
func (r *request) agree(size int64, largest int) (terms, []byte) {
	t := terms{block: 512, window: 1, wait: firstWait}
	if len(r.options) == 0 {
		return t, nil
	}
	packet := binary.BigEndian.AppendUint16(nil, opOAck)
	for _, o := range r.options {
		value := int64(o.value)
		switch o.name {
		case "blksize":
			t.block = min(o.value, largest)
			value = int64(t.block)
		case "windowsize":
			t.window = min(o.value, largestWindow)
			value = int64(t.window)
		case "timeout":
			t.wait, t.patient = time.Duration(o.value)*time.Second, true
		case "tsize":
			value = size
		}
		packet = fmt.Appendf(packet, "%s\x00%d\x00", o.name, value)
	}
	return t, packet
}

// failure is the packet of an error.
func failure(code uint16, text string) []byte {
	packet := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, opError), code)
	return append(append(packet, text...), 0)
}
