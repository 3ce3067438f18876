package nbd

import (
	"bytes"
	"io"
	"net"
	"testing"

	"bootrc/test/bound"
)

// said is a connection on which the other side says these bytes, and takes everything.
type said struct {
	net.Conn
	io.Reader
}

func (s said) Read(p []byte) (int, error)  { return s.Reader.Read(p) }
func (s said) Write(p []byte) (int, error) { return len(p), nil }

func FuzzNegotiate(f *testing.F) {
	size := words(uint16(infoExport), uint64(1<<20), uint16(flagReadOnly))
	f.Add([]byte(greeting + reply(replyInfo, size) + reply(replyAck, "")))
	f.Add([]byte(greeting + reply(replyUnsupported, "") + words(uint64(1<<20), uint16(flagMultiConn)) + string(make([]byte, 124))))
	f.Add([]byte(greeting + reply(replyError+6, "gone\x1b[2J")))
	f.Fuzz(func(t *testing.T, says []byte) {
		bound.Input(t, len(says))
		if e, err := negotiate(said{Reader: bytes.NewReader(says)}, "disk"); err == nil && e.size == 0 {
			t.Errorf("an export without a size: %+v", e)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("/dev/nbd0,host=[2001:db8::1],port=1,connections=4,name=a,timeout=5")
	f.Fuzz(func(t *testing.T, text string) {
		bound.Input(t, len(text))
		if s, err := Parse(text); err == nil && (s.Host == "" || s.Connections < 1 || s.Connections > maxConnections) {
			t.Errorf("%q: %+v", text, s)
		}
	})
}
