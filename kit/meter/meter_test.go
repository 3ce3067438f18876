package meter

import (
	"bytes"
	"testing"
)

func TestShow(t *testing.T) {
	var b bytes.Buffer
	text := ""
	m := &Meter{w: &b, text: func() string { return text }}
	m.show()
	text = "1.5 kB of 12.3 MB"
	m.show()
	m.terminal = true
	m.show()
	if got, want := b.String(), text+"\n\r"+text+"\x1b[K"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStopWipesTheMovingLine(t *testing.T) {
	var b bytes.Buffer
	m := Start(&b, func() string { return "" })
	m.moving = true
	m.Stop()
	m.Stop()
	if got := b.String(); got != "\r\x1b[K" {
		t.Errorf("got %q", got)
	}
}
