// Package index reads and writes depmod's binary indexes, the files modules.*.bin of
// modules.dep(5): tries of patterns, of fnmatch(3), with what each stands for.
//
// All numbers are big-endian. A file is a magic number, a version and the root's
// reference: an offset whose upper bits tell what the node there has, in this order: a
// prefix, ended by a zero byte; children, as the first and the last byte and a reference
// for each from one to the other; values, as a number of them and for each a priority
// and a text, ended by a zero byte.
package index

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"bootrc/kit/order"
)

const (
	magic   = 0xb007f457
	version = 0x00020001

	hasPrefix   = 0x80000000
	hasValues   = 0x40000000
	hasChildren = 0x20000000
	offsetMask  = 0x0fffffff
)

var errFormat = errors.New("not an index of depmod's format 2.1")

// Index is one file. It may be used by many goroutines at once.
type Index struct {
	data []byte
	root uint32
}

// Parse returns the index in data, which must not change. Empty data is an empty index.
// A damaged one may find nothing.
func Parse(data []byte) (*Index, error) {
	switch {
	case len(data) == 0:
		return &Index{}, nil
	case len(data) < 12 || binary.BigEndian.Uint32(data) != magic || binary.BigEndian.Uint32(data[4:])>>16 != version>>16:
		return nil, errFormat
	}
	return &Index{data, binary.BigEndian.Uint32(data[8:])}, nil
}

// Find returns the values of all patterns that key matches, in the order of their
// priority, each once.
func (x *Index) Find(key string) []string {
	s := search{index: x, key: key, tried: make(map[place]bool)}
	s.visit(x.root, 0, 0)
	order.By(s.found, func(a, b value) int { return cmp.Compare(a.priority, b.priority) })
	var texts []string
	for _, v := range s.found {
		if !slices.Contains(texts, v.text) {
			texts = append(texts, v.text)
		}
	}
	return texts
}

type value struct {
	priority uint32
	text     string
}

// node is what a reference leads to.
type node struct {
	prefix   string
	first    byte
	children []byte // references
	values   []byte
}

// node reads a node. What does not fit into the file is left out.
func (x *Index) node(reference uint32) (n node) {
	at := int(reference & offsetMask)
	if at < 12 || at >= len(x.data) { // 0 is no node
		return n
	}
	rest := x.data[at:]
	if reference&hasPrefix != 0 {
		n.prefix, rest = cutText(rest)
	}
	if reference&hasChildren != 0 && len(rest) >= 2 {
		count := 4 * (int(rest[1]) - int(rest[0]) + 1)
		if n.first = rest[0]; count < 0 || 2+count > len(rest) {
			return n
		}
		n.children, rest = rest[2:2+count], rest[2+count:]
	}
	if reference&hasValues != 0 {
		n.values = rest
	}
	return n
}

// child returns the reference to the child for c, or 0.
func (n *node) child(c byte) uint32 {
	i := 4 * (int(c) - int(n.first))
	if i < 0 || i >= len(n.children) {
		return 0
	}
	return binary.BigEndian.Uint32(n.children[i:])
}

func cutText(data []byte) (text string, rest []byte) {
	before, after, _ := bytes.Cut(data, []byte{0})
	return string(before), after
}

// search is one Find.
type search struct {
	index *Index
	key   string
	found []value
	tried map[place]bool
	steps int // how many nodes were read
}

// maxSteps bounds a search: a damaged index may lead in circles.
const maxSteps = 1 << 20

func (s *search) node(reference uint32) node {
	if s.steps++; s.steps > maxSteps {
		return node{}
	}
	return s.index.node(reference)
}

// place is where a search is: in the prefix of a node, and in the key.
type place struct {
	reference uint32
	at, key   int
}

// visit compares what is left of a node's prefix, and then its children, with the key
// from a place on.
func (s *search) visit(reference uint32, at, key int) {
	n := s.node(reference)
	for ; at < len(n.prefix); at++ {
		switch c := n.prefix[at]; {
		case c == '*':
			s.any(reference, at+1, key)
			return
		case c == '[' || c == '\\':
			s.all(reference, at, key, "")
			return
		case key == len(s.key) || c != '?' && c != s.key[key]:
			return
		}
		key++
	}
	if child := n.child('*'); child != 0 {
		s.any(child, 0, key)
	}
	for _, c := range []byte(`[\`) {
		if child := n.child(c); child != 0 {
			s.all(child, 0, key, string(c))
		}
	}
	if key == len(s.key) {
		s.add(n)
		return
	}
	if child := n.child('?'); child != 0 {
		s.visit(child, 0, key+1)
	}
	switch c := s.key[key]; c {
	case '*', '?', '[', '\\':
	default:
		if child := n.child(c); child != 0 {
			s.visit(child, 0, key+1)
		}
	}
}

// any goes on behind a "*", which stands for any number of the key's bytes.
func (s *search) any(reference uint32, at, key int) {
	for ; key <= len(s.key); key++ {
		here := place{reference, at, key}
		if s.tried[here] { // and with it all that follow
			return
		}
		s.tried[here] = true
		s.visit(reference, at, key)
	}
}

// all compares the whole patterns below a node, from a place in its prefix on, with the
// key: for sets, which are rare.
func (s *search) all(reference uint32, at, key int, pattern string) {
	n := s.node(reference)
	if pattern += n.prefix[min(at, len(n.prefix)):]; len(pattern) > maxPattern {
		return
	}
	if len(n.values) > 0 && Match(pattern, s.key[key:]) {
		s.add(n)
	}
	for i := 0; i < len(n.children); i += 4 {
		if child := binary.BigEndian.Uint32(n.children[i:]); child != 0 {
			s.all(child, 0, key, pattern+string(n.first+byte(i/4)))
		}
	}
}

// maxPattern bounds a pattern, in bytes, and with it the depth of a search.
const maxPattern = 4096

// add takes a node's values.
func (s *search) add(n node) {
	if len(n.values) < 4 {
		return
	}
	count, rest := binary.BigEndian.Uint32(n.values), n.values[4:]
	for ; count > 0 && len(rest) > 4; count-- {
		v := value{priority: binary.BigEndian.Uint32(rest)}
		v.text, rest = cutText(rest[4:])
		s.found = append(s.found, v)
	}
}
