package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
)

// node is a node of a device tree (Devicetree Specification 0.4, chapter 5).
type node struct {
	name       string // "ethernet@fd580000"
	parent     *node
	children   []*node
	properties map[string][]byte
}

var errTree = errors.New("not a flattened device tree")

// Tokens of the structure block.
const (
	beginNode = 1
	endNode   = 2
	property  = 3
	nop       = 4
	end       = 9
)

// readTree reads a file of a flattened device tree and returns its root.
func readTree(file string) (*node, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	root, err := parseTree(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return root, nil
}

func parseTree(data []byte) (*node, error) {
	const header, magic = 40, 0xd00dfeed
	if len(data) < header || be32(data) != magic {
		return nil, errTree
	}
	structure, strings := be32(data[8:]), be32(data[12:])
	if int(structure) > len(data) || int(strings) > len(data) {
		return nil, errTree
	}
	p := treeParser{data: data[structure:], strings: data[strings:]}
	return p.parse()
}

// treeParser reads a structure block from its start.
type treeParser struct{ data, strings []byte }

func (p *treeParser) parse() (root *node, err error) {
	var current *node
	for {
		token, ok := p.number()
		switch {
		case !ok:
			return nil, errTree
		case token == beginNode:
			n := &node{name: p.text(), parent: current, properties: make(map[string][]byte)}
			if current != nil {
				current.children = append(current.children, n)
			} else if root != nil {
				return nil, errTree
			} else {
				root = n
			}
			current = n
		case token == endNode && current != nil:
			current = current.parent
		case token == property && current != nil:
			if !p.property(current) {
				return nil, errTree
			}
		case token == nop:
		case token == end && current == nil && root != nil:
			return root, nil
		default:
			return nil, errTree
		}
	}
}

func (p *treeParser) number() (n uint32, ok bool) {
	if len(p.data) < 4 {
		return 0, false
	}
	n, p.data = be32(p.data), p.data[4:]
	return n, true
}

// text takes a node's name, up to its zero byte and to a multiple of four.
func (p *treeParser) text() string {
	text, _, _ := bytes.Cut(p.data, []byte{0})
	p.skip(len(text) + 1)
	return string(text)
}

func (p *treeParser) skip(n int) { p.data = p.data[min((n+3)&^3, len(p.data)):] }

func (p *treeParser) property(of *node) bool {
	length, _ := p.number()
	name, ok := p.number()
	if !ok || int64(length) > int64(len(p.data)) || int64(name) > int64(len(p.strings)) {
		return false
	}
	key, _, _ := bytes.Cut(p.strings[name:], []byte{0})
	of.properties[string(key)] = p.data[:length]
	p.skip(int(length))
	return true
}

func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// texts returns a property that is a list of strings.
func (n *node) texts(name string) []string {
	text := strings.TrimRight(string(n.properties[name]), "\x00")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\x00")
}

// number returns a property that is one cell, or 0.
func (n *node) number(name string) uint32 {
	if value := n.properties[name]; len(value) >= 4 {
		return be32(value)
	}
	return 0
}

// enabled tells whether a node's device is there to be used, as the kernel sees it.
func (n *node) enabled() bool {
	for ; n != nil; n = n.parent {
		if status := n.texts("status"); len(status) > 0 && status[0] != "okay" && status[0] != "ok" {
			return false
		}
	}
	return true
}

// alias is what drivers for the node are found by (of_device_get_modalias of the kernel),
// or "" for one that no driver is for.
func (n *node) alias() string {
	compatible := n.texts("compatible")
	if len(compatible) == 0 {
		return ""
	}
	name, _, _ := strings.Cut(n.name, "@")
	kind := "(null)"
	if kinds := n.texts("device_type"); len(kinds) > 0 {
		kind = kinds[0]
	}
	alias := "of:N" + name + "T" + kind
	for _, c := range compatible {
		alias += "C" + strings.ReplaceAll(c, " ", "_")
	}
	return alias
}

// walk calls visit with the node and all below it.
func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, child := range n.children {
		child.walk(visit)
	}
}
