package load

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/init/cmdline"

	"github.com/cavaliergopher/cpio"
)

// What bootrc reads from a file goes there, and the rest onto the kernel's line.
func TestWords(t *testing.T) {
	s := Set{Words: []string{"console=ttyS0", "b2c.run=-ti image sh", `b2c.run="-e A=\"x y\" image"`, `"b2c.volume=a b"`,
		"b2c.hostname=a#b", "b2c.insmods=vfat", "ip=dhcp"}}
	s.Words = append(s.Words, cmdline.LineOnly...)
	line, err := s.Line()
	if want := "console=ttyS0 ip=dhcp " + strings.Join(cmdline.LineOnly, " "); line != want || err != nil {
		t.Errorf("the kernel's line is %q, %v; want %q", line, err, want)
	}
	got, err := cmdline.Parse(s.Own())
	if err != nil {
		t.Fatalf("%q: %v", s.Own(), err)
	}
	for name, want := range map[string][]string{
		"b2c.run": {"-ti image sh", `-e A="x y" image`}, "b2c.volume": {"a b"},
	} {
		for i, value := range got.Values(name) {
			if value != want[i] {
				t.Errorf("%s is %q, want %q", name, value, want[i])
			}
		}
	}
	if name := got.Value("b2c.hostname"); name != "a#b" || got.Value("b2c.modules") != "vfat" {
		t.Errorf("hostname %q", name)
	}
	for _, name := range cmdline.LineOnly {
		if cmdline.Lookup(name) == nil || got.Has(name) {
			t.Errorf("%s is no argument, or would count in a file", name)
		}
	}
	if s.Late = true; strings.Contains(s.Own(), "b2c.insmods") {
		t.Error("drivers that come after the drivers")
	}
	for _, word := range []string{"a.b=c d", `a.b="c"`, "a=$b"} {
		if _, err := (Set{Words: []string{word}}).Line(); err == nil {
			t.Errorf("%s: no error", word)
		}
	}
}

// All words are on one line, in boot2container's grammar.
func TestCommandLine(t *testing.T) {
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{nil, ""}, {[]string{"b2c.pipefail"}, "b2c.pipefail"},
		{[]string{"b2c.run=-ti alpine sh", "b2c.pipefail"}, `"b2c.run=-ti alpine sh" b2c.pipefail`},
		{[]string{`b2c.run="-e \"A=b c\" alpine env"`}, `b2c.run="-e \"A=b c\" alpine env"`},
	} {
		if line, err := (Set{Words: tt.words}).CommandLine(); line != tt.want || err != nil {
			t.Errorf("%q: %s, %v, want %s", tt.words, line, err, tt.want)
		}
	}
}

// A line that the kernel would cut is refused.
func TestLineLimit(t *testing.T) {
	for arch, most := range map[string]int{"amd64": 2047, "arm64": 2047, "arm": 1023, "riscv64": 1023} {
		for length, fits := range map[int]bool{most: true, most + 1: false} {
			s := Set{Arch: arch, Words: []string{strings.Repeat("x", length-3)}, Besides: "a=b"}
			_, own := s.Line()
			if _, all := s.CommandLine(); (own == nil) != fits || (all == nil) != fits {
				t.Errorf("%s, %d bytes: %v, %v", arch, length, own, all)
			}
		}
	}
}

func TestWriteInitramfs(t *testing.T) {
	base := filepath.Join(t.TempDir(), "initramfs.cpio.gz")
	if err := os.WriteFile(base, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Set{Arch: "arm64", Initramfs: base, Words: []string{"b2c.shell"}}
	if name := s.InitramfsName(); name != "initramfs.linux_arm64.cpio.gz" {
		t.Errorf("it is called %s", name)
	}
	var b bytes.Buffer
	if err := s.WriteInitramfs(&b); err != nil {
		t.Fatal(err)
	}
	if head := b.Next(8); string(head) != "12345\x00\x00\x00" {
		t.Errorf("it begins with %q", head)
	}
	for archive := cpio.NewReader(&b); ; {
		header, err := archive.Next()
		if err != nil {
			t.Fatalf("%s is not in it: %v", ownFile, err)
		}
		if header.Name == ownFile {
			if text, err := io.ReadAll(archive); string(text) != "b2c.shell\n" || err != nil {
				t.Errorf("%s holds %q, %v", ownFile, text, err)
			}
			return
		}
	}
}
