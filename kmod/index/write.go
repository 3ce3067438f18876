package index

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// Entry is a pattern and what it stands for. Values of one pattern, and of several that
// a key matches, are found in the order of their priorities.
type Entry struct {
	Pattern, Value string
	Priority       int
}

// branch is a node that is being built.
type branch struct {
	prefix   string
	children map[byte]*branch
	values   []value
}

// Write returns the index of entries, byte for byte as depmod writes it. Patterns are of
// ASCII.
func Write(entries []Entry) ([]byte, error) {
	root := &branch{children: make(map[byte]*branch)}
	for _, e := range entries {
		for _, c := range []byte(e.Pattern) {
			if c == 0 || c > 127 {
				return nil, fmt.Errorf("%q: a byte in it is not ASCII", e.Pattern)
			}
		}
		root.insert(e)
	}
	w := writer{data: make([]byte, 12)}
	reference := w.write(root)
	binary.BigEndian.PutUint32(w.data, magic)
	binary.BigEndian.PutUint32(w.data[4:], version)
	binary.BigEndian.PutUint32(w.data[8:], reference)
	return w.data, nil
}

func (b *branch) insert(e Entry) {
	key := e.Pattern
	for {
		common := 0
		for common < len(b.prefix) && common < len(key) && b.prefix[common] == key[common] {
			common++
		}
		if common < len(b.prefix) {
			b.split(common)
		}
		if key = key[common:]; key == "" {
			break
		}
		child := b.children[key[0]]
		if child == nil {
			child = &branch{prefix: key[1:], children: make(map[byte]*branch)}
			b.children[key[0]] = child
		}
		b, key = child, key[1:]
	}
	v := value{uint32(e.Priority), e.Value}
	at, _ := slices.BinarySearchFunc(b.values, v, func(a, b value) int { return int(a.priority) - int(b.priority) })
	b.values = slices.Insert(b.values, at, v)
}

// split makes what is behind the first n bytes of the prefix a child.
func (b *branch) split(n int) {
	child := &branch{b.prefix[n+1:], b.children, b.values}
	*b = branch{prefix: b.prefix[:n], children: map[byte]*branch{b.prefix[n]: child}}
}

type writer struct{ data []byte }

// write writes a node behind its children, and returns the reference to it.
func (w *writer) write(b *branch) uint32 {
	letters := slices.Sorted(maps.Keys(b.children))
	var first, last byte
	var references []byte
	if len(letters) > 0 {
		first, last = letters[0], letters[len(letters)-1]
		references = make([]byte, 4*(int(last)-int(first)+1))
		for _, c := range letters {
			binary.BigEndian.PutUint32(references[4*int(c-first):], w.write(b.children[c]))
		}
	}
	reference := uint32(len(w.data))
	if b.prefix != "" {
		reference |= hasPrefix
		w.text(b.prefix)
	}
	if len(letters) > 0 {
		reference |= hasChildren
		w.data = append(append(w.data, first, last), references...)
	}
	if len(b.values) > 0 {
		reference |= hasValues
		w.data = binary.BigEndian.AppendUint32(w.data, uint32(len(b.values)))
		for _, v := range b.values {
			w.data = binary.BigEndian.AppendUint32(w.data, v.priority)
			w.text(v.text)
		}
	}
	return reference
}

func (w *writer) text(text string) { w.data = append(append(w.data, text...), 0) }
