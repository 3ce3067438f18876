package load

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"bootrc/init/cmdline"

	"github.com/cavaliergopher/cpio"
)

// What bootrc reads from a file goes there, and the rest onto the kernel's line.
func TestWords(t *testing.T) {
	s := Set{Words: []string{"console=ttyS0", "b2c.run=-ti image sh", `b2c.run="-e A=\"x y\" image"`, `"b2c.volume=a b"`,
		"b2c.watchdog=60", "b2c.on_crash=shell", "b2c.hostname=a#b", "ip=dhcp"}}
	line, err := s.Line()
	if want := "console=ttyS0 b2c.watchdog=60 b2c.on_crash=shell ip=dhcp"; line != want || err != nil {
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
	if name := got.Value("b2c.hostname"); name != "a#b" || got.Has("b2c.watchdog") {
		t.Errorf("hostname %q", name)
	}
	for _, word := range []string{"a.b=c d", `a.b="c"`, "a=$b"} {
		if _, err := (Set{Words: []string{word}}).Line(); err == nil {
			t.Errorf("%s: no error", word)
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
