package index

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// patterns are of the kinds that modules have; several match one key.
var patterns = []string{
	"", "a", "ab", "abc", "a*", "*", "*c", "a?c", "a[b-d]c", "a[!b]c", `a\*c`, "pci:v00001AF4d*sv*sd*bc*sc*i*",
	"pci:v00001AF4d00001000sv*sd*bc*sc*i*", "pci:v*d*sv*sd*bc01sc06i01*", "of:N*T*Cvirtio,mmio", "of:N*T*Cvirtio,mmioC*",
	"usb:v0403p6001d0[0-5][0-9]*dc*", "dmi:*:svnLENOVO:*:pvrThinkPad*:*", "cpu:type:x86,ven*fam*mod*:feature:*0099*",
	strings.Repeat("a*", 30) + "b",
}

var keys = []string{
	"", "a", "b", "ab", "abc", "abd", "acc", "axc", "a*c", "a", "aac", "c", "ac", "[", "*",
	"pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00", "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01",
	"of:NmmioT(null)Cvirtio,mmio", "of:NmmioT(null)Cvirtio,mmioCother", "of:N", "usb:v0403p6001d0059dc00", "usb:v0403p6001d0069dc00",
	"dmi:bvn1:svnLENOVO:pn2:pvrThinkPadX:", "cpu:type:x86,ven0000fam0006mod000F:feature:,0001,0099,00A0",
	strings.Repeat("a", 3000), strings.Repeat("a", 60) + "b",
}

func TestFind(t *testing.T) {
	var entries []Entry
	for i, p := range patterns {
		entries = append(entries, Entry{p, p, len(patterns) - i})
	}
	rand.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	data, err := Write(entries)
	if err != nil {
		t.Fatal(err)
	}
	x, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		var want []string
		for _, p := range slices.Backward(patterns) {
			if Match(p, key) {
				want = append(want, p)
			}
		}
		if got := x.Find(key); !slices.Equal(got, want) {
			t.Errorf("%.40q: found %q, want %q", key, got, want)
		}
	}
}

// A damaged index finds something or nothing, in a bounded time.
func TestDamagedIndex(t *testing.T) {
	var entries []Entry
	for i, p := range patterns {
		entries = append(entries, Entry{p, "m", i})
	}
	good, err := Write(entries)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		data := slices.Clone(good)
		for range 1 + r.IntN(8) {
			data[12+r.IntN(len(data)-12)] = byte(r.Uint32())
		}
		binary.BigEndian.PutUint32(data[8:], r.Uint32()&0xe0000fff)
		x, err := Parse(data[:12+r.IntN(len(data)-12)])
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys[:20] {
			x.Find(key)
		}
	}
	// a node that is its own child, behind a star and behind a set
	for _, c := range []byte("*[a?") {
		circle := slices.Concat(good[:8], []byte{0x20, 0, 0, 12, c, c, 0x20, 0, 0, 12})
		x, err := Parse(circle)
		if err != nil {
			t.Fatal(err)
		}
		x.Find(strings.Repeat("a", 100))
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"short", "# Aliases extracted from modules themselves.\n", "\xb0\x07\xf4\x57\x00\x03\x00\x00\x00\x00\x00\x00"} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q passes for an index", text)
		}
	}
	x, err := Parse(nil)
	if err != nil || x.Find("a") != nil {
		t.Errorf("an index that is not there: error %v", err)
	}
	if _, err := Write([]Entry{{"\xff", "m", 0}}); err == nil {
		t.Error("a pattern that is not ASCII was written")
	}
}
