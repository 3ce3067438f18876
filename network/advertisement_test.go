package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/test/bound"
)

// routerAdvertisement is a message with flags and options.
func routerAdvertisement(flags byte, options ...[]byte) []byte {
	header := []byte{134, 0, 0, 0, 64, flags, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0}
	return append(header, slices.Concat(options...)...)
}

// rdnss is an option with servers that hold for some seconds.
func rdnss(seconds byte, servers ...string) []byte {
	option := []byte{25, byte(1 + 2*len(servers)), 0, 0, 0, 0, 0, seconds}
	for _, s := range servers {
		option = append(option, netip.MustParseAddr(s).AsSlice()...)
	}
	return option
}

func (a *advertisement) text() string {
	text := fmt.Sprintf("managed %t other %t", a.managed, a.other)
	for _, s := range a.servers {
		text += fmt.Sprintf(" %s/%s", s.value, s.life)
	}
	for _, s := range a.search {
		text += fmt.Sprintf(" %s/%s", s.value, s.life)
	}
	return text
}

func TestParseAdvertisement(t *testing.T) {
	dnssl := append([]byte{31, 3, 0, 0, 0, 0, 0, 60}, "\x01a\x04test\x00\x03b\nc\x00\x00\x00\x00"...)
	for name, test := range map[string]struct {
		message []byte
		want    string
	}{
		"plain":                 {routerAdvertisement(0), "managed false other false"},
		"managed":               {routerAdvertisement(0x80), "managed true other false"},
		"other":                 {routerAdvertisement(0x40), "managed false other true"},
		"servers":               {routerAdvertisement(0, rdnss(60, "2001:db8::1", "fe80::1")), "managed false other false 2001:db8::1/1m0s fe80::1/1m0s"},
		"servers that can't be": {routerAdvertisement(0, rdnss(60, "::", "::1", "ff02::1", "::ffff:1.2.3.4")), "managed false other false"},
		"domains, one bad":      {routerAdvertisement(0, dnssl), "managed false other false a.test/1m0s"},
		"unknown option":        {routerAdvertisement(0, []byte{99, 1, 0, 0, 0, 0, 0, 0}, rdnss(0, "2001:db8::1")), "managed false other false 2001:db8::1/0s"},
		"servers without any":   {routerAdvertisement(0, rdnss(60)), "managed false other false"},
		"option of length 0":    {routerAdvertisement(0, []byte{25, 0, 0, 0, 0, 0, 0, 0}), "not a router advertisement"},
		"option cut off":        {routerAdvertisement(0, rdnss(60, "2001:db8::1")[:20]), "not a router advertisement"},
		"half an option":        {routerAdvertisement(0, []byte{25}), "not a router advertisement"},
		"too short":             {routerAdvertisement(0)[:15], "not a router advertisement"},
		"another message":       {make([]byte, 16), "not a router advertisement"},
		"nothing":               {nil, "not a router advertisement"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := parseAdvertisement(test.message)
			got := fmt.Sprint(err)
			if err == nil {
				got = a.text()
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func FuzzAdvertisement(f *testing.F) {
	f.Add(routerAdvertisement(0xc0, rdnss(60, "2001:db8::1"), []byte{31, 2, 0, 0, 0, 0, 0, 60, 1, 'a', 0, 0xc0, 0, 0, 0, 0}))
	f.Fuzz(func(t *testing.T, b []byte) {
		bound.Input(t, len(b))
		a, err := parseAdvertisement(b)
		if err != nil {
			return
		}
		for _, s := range a.servers {
			if !usable6(s.value) {
				t.Errorf("server %s", s.value)
			}
		}
		for _, s := range a.search {
			if checkDomain(s.value) != nil {
				t.Errorf("domain %q", s.value)
			}
		}
	})
}

func TestLimitedSet(t *testing.T) {
	start := time.Unix(1000, 0)
	var s limitedSet[string]
	add := func(after int, value string, life int) {
		s.add(start.Add(time.Duration(after)*time.Second), limited[string]{value, time.Duration(life) * time.Second})
	}
	expect := func(after int, want string, next int) {
		t.Helper()
		values, end := s.live(start.Add(time.Duration(after) * time.Second))
		if got := strings.Join(values, " "); got != want {
			t.Errorf("after %d s: %q, want %q", after, got, want)
		}
		if next == 0 != end.IsZero() || next > 0 && end.Sub(start) != time.Duration(next)*time.Second {
			t.Errorf("after %d s: next change %v, want %d", after, end, next)
		}
	}
	expect(0, "", 0)
	add(0, "a", 10)
	add(0, "b", 20)
	add(0, "c", 0)
	expect(1, "a b", 10)
	add(5, "a", 30)
	expect(15, "a b", 20)
	expect(20, "a", 35)
	add(21, "a", 0)
	expect(21, "", 0)
	for i := range 100 {
		add(30, fmt.Sprint(i), 10)
	}
	if values, _ := s.live(start.Add(31 * time.Second)); len(values) != 16 {
		t.Errorf("%d values are kept", len(values))
	}
}
