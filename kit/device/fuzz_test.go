package device

import (
	"testing"

	"bootrc/test/bound"
)

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte("add@/devices/pci0000:00/0000:00:03.0\x00ACTION=add\x00MODALIAS=pci:v1\x00"))
	f.Add([]byte("libudev\x00\xfe\xed\xca\xfe"))
	f.Fuzz(func(t *testing.T, message []byte) {
		bound.Input(t, len(message))
		if e, ok := ParseEvent(message); ok {
			e.Get("MODALIAS")
		}
	})
}
