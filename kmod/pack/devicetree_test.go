package main

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// treeWriter writes a flattened device tree.
type treeWriter struct {
	structure, strings []byte
}

func (w *treeWriter) number(n ...uint32) {
	for _, n := range n {
		w.structure = binary.BigEndian.AppendUint32(w.structure, n)
	}
}

func (w *treeWriter) bytes(b []byte) {
	w.structure = append(w.structure, b...)
	w.structure = append(w.structure, make([]byte, -len(b)&3)...)
}

func (w *treeWriter) property(name string, value []byte) {
	w.number(property, uint32(len(value)), uint32(len(w.strings)))
	w.strings = append(w.strings, name+"\x00"...)
	w.bytes(value)
}

func (w *treeWriter) node(name string, content func()) {
	w.number(beginNode)
	w.bytes([]byte(name + "\x00"))
	content()
	w.number(endNode)
}

func cells(numbers ...uint32) (value []byte) {
	for _, n := range numbers {
		value = binary.BigEndian.AppendUint32(value, n)
	}
	return value
}

// board is a tree in which a network card needs a clock through another clock, a reset
// whose controller is disabled, pins and a supply; a display needs none of them.
func board() []byte {
	var w treeWriter
	w.node("", func() {
		w.property("compatible", []byte("maker,board\x00"))
		w.node("bus@1", func() {
			w.property("compatible", []byte("maker,bus\x00simple-bus\x00"))
			w.node("ethernet@2", func() {
				w.property("compatible", []byte("maker,ethernet\x00"))
				w.property("clocks", cells(1, 7, 0, 2)) // one of one cell, a hole, one of none
				w.property("resets", cells(3))
				w.property("pinctrl-0", cells(5))
				w.property("phy-supply", cells(6))
			})
			w.number(nop)
			w.node("display@3", func() { w.property("compatible", []byte("maker,display\x00")) })
			w.node("off@4", func() {
				w.property("compatible", []byte("maker,ethernet\x00"))
				w.property("status", []byte("disabled\x00"))
			})
		})
		w.node("clock-a", func() {
			w.property("compatible", []byte("maker,clock-a\x00"))
			w.property("phandle", cells(1))
			w.property("#clock-cells", cells(1))
		})
		w.node("clock-b", func() {
			w.property("compatible", []byte("maker,clock-b\x00"))
			w.property("phandle", cells(2))
			w.property("#clock-cells", cells(0))
			w.property("clocks", cells(1, 0))
		})
		w.node("reset", func() {
			w.property("compatible", []byte("maker,reset\x00"))
			w.property("phandle", cells(3))
			w.property("status", []byte("disabled\x00"))
		})
		w.node("pins", func() {
			w.property("compatible", []byte("maker,pins\x00"))
			w.node("state", func() { w.property("phandle", cells(5)) })
		})
		w.node("supply", func() {
			w.property("compatible", []byte("maker,supply\x00"))
			w.property("phandle", cells(6))
		})
	})
	w.number(end)
	header := cells(0xd00dfeed, uint32(40+len(w.structure)+len(w.strings)), 40, uint32(40+len(w.structure)), 0, 17, 16, 0, 0, 0)
	return slices.Concat(header, w.structure, w.strings)
}

func TestDeviceTree(t *testing.T) {
	files := map[string]string{"modules.order": ""}
	for folder, names := range map[string]string{
		"drivers/net/ethernet": "ethernet", "drivers/bus": "bus", "drivers/gpu": "display", "drivers/clk": "clock-a clock-b other",
		"drivers/reset": "reset", "drivers/pinctrl": "pins", "drivers/regulator": "supply", "drivers/net/phy": "phy",
	} {
		for name := range strings.FieldsSeq(names) {
			files["kernel/"+folder+"/"+name+".ko"] = fake("alias=of:N*T*Cmaker,"+name, "alias=of:N*T*Cmaker,"+name+"C*")
		}
	}
	files["kernel/drivers/net/phy/phy.ko"] = fake("alias=mdio:*")
	dir := unpack(t, files)
	put(t, dir+"/board.dtb", string(board()))
	src, err := openSource(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir + "/board.dtb", dir} {
		got, err := src.ofDeviceTrees(path)
		slices.Sort(got)
		want := []string{"bus", "clock_a", "clock_b", "ethernet", "phy", "pins", "reset", "supply"}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", path, got, err, want)
		}
	}
	if _, err := src.ofDeviceTrees(dir + "/kernel"); err == nil || !strings.Contains(err.Error(), "no .dtb") {
		t.Errorf("a folder without device trees: error %v", err)
	}
}

// A damaged tree is an error, or another tree.
func TestDamagedTree(t *testing.T) {
	good := board()
	for n := range good {
		if _, err := parseTree(good[:n]); err == nil && n < 40 {
			t.Errorf("%d bytes pass for a tree", n)
		}
	}
	for seed := range uint64(5000) {
		r := rand.New(rand.NewPCG(seed, 1))
		data := slices.Clone(good)
		for range 1 + r.IntN(4) {
			data[r.IntN(len(data))] = byte(r.Uint32())
		}
		if root, err := parseTree(data); err == nil {
			tree := newDeviceTree(root)
			root.walk(func(n *node) { tree.closure([]*node{n}) })
		} else if !errors.Is(err, errTree) {
			t.Errorf("error %v", err)
		}
	}
}
