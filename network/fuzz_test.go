package network

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"bootrc/kit/clock"
	"bootrc/test/bound"
)

// FuzzPNP takes any text for what a DHCP server has told the kernel.
func FuzzPNP(f *testing.F) {
	f.Add("#PROTO: DHCP\ndomain a.test\nnameserver 10.0.2.3\nnameserver 0.0.0.0\nbootserver 10.0.2.2\n")
	f.Fuzz(func(t *testing.T, content string) {
		bound.Input(t, len(content))
		servers, search := parsePNP(content)
		for _, s := range servers {
			if !s.IsValid() || s.IsUnspecified() {
				t.Errorf("server %v", s)
			}
		}
		for _, domain := range search {
			if checkDomain(domain) != nil {
				t.Errorf("domain %q", domain)
			}
		}
	})
}

// FuzzEcho takes any bytes for the answer to an echo request.
func FuzzEcho(f *testing.F) {
	f.Add([]byte("\x00\x00\xff\xff\x00\x07\x00\x01"), false)
	f.Add([]byte("\x03\x01\x00\x00\x00\x00\x00\x00\x45\x00\x00\x1c\x00\x00\x00\x00\x40\x01\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x08\x00\x00\x00\x00\x07\x00\x01"), false)
	f.Add([]byte("\x81\x00\x00\x00\x00\x07\x00\x01"), true)
	f.Fuzz(func(t *testing.T, message []byte, v6 bool) {
		bound.Input(t, len(message))
		p := &pinger{target: netip.MustParseAddr("10.0.0.2"), id: 7, sent: map[int]time.Time{1: time.Now()}}
		if v6 {
			p.target = netip.MustParseAddr("2001:db8::2")
		}
		if e := p.match(message, 64, net.IPv4(10, 0, 0, 2)); e != nil && e.sequence != 1 {
			t.Errorf("an answer to request %d, which was not sent", e.sequence)
		}
	})
}

// FuzzTime has an NTP server answer any bytes, with the time of the request that it has to
// repeat.
func FuzzTime(f *testing.F) {
	if err := loopbackUp(); err != nil { // no other test may have run before
		f.Fatal(err)
	}
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { server.Close() })
	answers := make(chan []byte, 1)
	go func() {
		request := make([]byte, 1000)
		for {
			n, from, err := server.ReadFrom(request)
			if err != nil {
				return
			}
			answer := <-answers
			if n >= 48 && len(answer) >= 32 {
				copy(answer[24:32], request[40:48])
			}
			server.WriteTo(answer, from)
		}
	}()
	f.Add(append([]byte("\x24\x02\x06\xe9\x00\x00\x00\x01\x00\x00\x00\x01\x7f\x00\x00\x01\xec\xd1\x00\x00\x00\x00\x00\x00"), make([]byte, 24)...))
	f.Add([]byte("\x24\x00\x00\x00RATE"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, answer []byte) {
		if len(answer) > 1000 {
			return
		}
		bound.Input(t, len(answer))
		answers <- append([]byte(nil), answer...)
		got, err := askOnce(t.Context(), server.LocalAddr().String(), 50*time.Millisecond)
		if now := time.Now().Add(got.Offset); err == nil && (clock.Stopped(now) || now.After(clock.Latest)) {
			t.Errorf("it takes the time %v", now)
		}
	})
}
