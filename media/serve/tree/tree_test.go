package tree

import (
	"bytes"
	"debug/pe"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"bootrc/init/cmdline"

	"github.com/cavaliergopher/cpio"
)

// folder returns the folder of a tree with these files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	content := fstest.MapFS{}
	for name, text := range files {
		content[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	if err := os.CopyFS(dir, content); err != nil {
		t.Fatal(err)
	}
	return dir
}

func get(t *testing.T, tree *Tree, name string) (string, error) {
	t.Helper()
	f, err := tree.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size))
	if err != nil || int64(len(content)) != f.Size {
		t.Errorf("%s: %d of %d bytes, %v", name, len(content), f.Size, err)
	}
	return string(content), nil
}

// Nothing is served but what is meant to be, whatever the name.
func TestOnlyWhatIsMeant(t *testing.T) {
	dir := folder(t, map[string]string{
		"amd64/vmlinuz": "kernel", "ipxe/undionly.kpxe": "iPXE", "public/a/b": "public", "rpi/config.txt": "pi", "rpi/12345678/start4.elf": "own",
		"arguments/default": "b2c.minio=secret", "hooks/50-x.sh": "secret", "other": "secret", "rpi.txt": "secret",
	})
	outside := folder(t, map[string]string{"file": "secret"})
	for link, to := range map[string]string{"public/out": outside, "public/file": outside + "/file", "public/up": "../arguments", "amd64/up": "../..",
		"public/self": "a/b"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"amd64/vmlinuz": "kernel", "/amd64/vmlinuz": "kernel", "//ipxe/./undionly.kpxe": "iPXE", "public/a/../a/b": "public", "public/self": "public",
		"config.txt": "pi", "12345678/config.txt": "pi", "12345678/start4.elf": "own", "../config.txt": "pi",
	} {
		if got, err := get(t, tree, name); got != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "/", ".", "..", "arguments/default", "hooks/50-x.sh", "other", "amd64", "amd64/", "public", "machines", "machines/",
		"machines/default", "public/out/file", "public/file", "public/../arguments/default", "amd64/../arguments/default", "../rpi.txt", "12345678/../rpi.txt",
		"amd64/up/arguments/default", "public/up/default", `..\arguments\default`, "public/a\x00b", strings.Repeat("a/", 3000), "rpi/../other"} {
		if got, err := get(t, tree, name); !errors.Is(err, fs.ErrNotExist) || strings.Contains(got, "secret") {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}

// The first of a machine's names that has a file decides, and what is changed there counts at once.
func TestArgumentsOfMachines(t *testing.T) {
	dir := folder(t, map[string]string{
		"arguments/52:54:00:AB:CD:01":                    "b2c.run=mac",
		"arguments/b2c00000-1111-2222-3333-444455556666": "b2c.run=uuid",
		"arguments/SN_1":                                 "b2c.run=serial",
		"arguments/default":                              "b2c.run=default",
		"arguments/default~":                             "b2c.run=editor",
	})
	tree, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	check := func(who, want string) {
		t.Helper()
		archive, err := get(t, tree, "machines/"+who+".cpio")
		if err != nil || unpacked(t, archive)[argumentsFile] != "100600 b2c.run="+want+"\n" {
			t.Errorf("%s: %q, %v, want %s", who, archive, err, want)
		}
	}
	const other, uuid = "52-54-00-ab-cd-99", "b2c00000-1111-2222-3333-444455556666"
	check("52-54-00-ab-cd-01", "mac")
	check("52-54-00-ab-cd-01_"+uuid+"_SN_1", "mac")
	check(other+"_"+uuid+"_SN_1", "uuid")
	check(other+"_"+strings.ToUpper(uuid), "uuid")
	check(other+"_x_SN/1", "serial")
	check(other+"__", "default")
	check("default", "default")
	if err := os.WriteFile(filepath.Join(dir, "arguments", other), []byte("b2c.run=edited"), 0o644); err != nil {
		t.Fatal(err)
	}
	check(other+"_"+uuid, "edited")
}

func TestNoArguments(t *testing.T) {
	tree, err := New(folder(t, map[string]string{"arguments/one": "b2c.run=one"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, tree, "machines/two.ipxe"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), `there is no file for "two", and no arguments/default`) {
		t.Error(err)
	}
}

// unpacked returns an archive's files, each with its mode before its content.
func unpacked(t *testing.T, archive string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for r := cpio.NewReader(strings.NewReader(archive)); ; {
		header, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = fmt.Sprintf("%o %s", header.Mode, content)
	}
}

// The kernel gets what is the kernel's, and the boot what is the boot's.
func TestParse(t *testing.T) {
	for _, tt := range []struct{ content, line, file, err string }{
		{"", "", "", ""},
		{"# \"all of it\n  # indented\nconsole=ttyS0 quiet # for \"all\nb2c.pipefail#no\nb2c.pipefail\n# end", "console=ttyS0 quiet", "b2c.pipefail#no\nb2c.pipefail\n", ""},
		{`b2c.run="-e \"A=b c\" alpine sh -c 'a && b ${x}'"` + "\n", "", `"b2c.run=-e \"A=b c\" alpine sh -c 'a && b ${x}'"` + "\n", ""},
		{"b2c.run=\"alpine sh -c 'a\n# no comment\nb'\"\n# a comment", "", "\"b2c.run=alpine sh -c 'a\n# no comment\nb'\"\n", ""},
		{strings.Join(cmdline.LineOnly, " ") + " b2c.shell", strings.Join(cmdline.LineOnly, " "), "b2c.shell\n", ""},
		{`dyndbg="file x +p" ""`, `"dyndbg=file x +p"`, "", ""},
		{`b2c.run="alpine`, "", "", `argument "b2c.run": a double quote is not closed`},
		{"b2c.run=" + strings.Repeat("x", 5000), "", "b2c.run=" + strings.Repeat("x", 5000) + "\n", ""},
		{"x=" + strings.Repeat("x", 2046), "", "", "the arguments that stand on the kernel's command line have 2048 bytes, and it has room for 2010"},
	} {
		a, err := parse(tt.content)
		if a.line != tt.line || a.file != tt.file || (err != nil) != (tt.err != "") || err != nil && !strings.HasPrefix(err.Error(), tt.err) {
			t.Errorf("%.50q: %q and %q, %v", tt.content, a.line, a.file, err)
		}
	}
}

func TestScripts(t *testing.T) {
	tree, err := New(folder(t, map[string]string{"arguments/default": "console=ttyS0 b2c.run=x", "arguments/SN-1": "a=${b}", "arguments/SN-2": `a="b && c"`, "hooks/50-x.sh": "#!/bin/sh\n", "hooks/50-x.sh~": "editor"}))
	if err != nil {
		t.Fatal(err)
	}
	entry, err := get(t, tree, "boot.ipxe")
	if err != nil || !strings.HasPrefix(entry, "#!ipxe\n") || !strings.Contains(entry, "\nchain --autofree machines/${netX/mac:hexhyp}_${uuid}_${serial:uristring}.ipxe || goto again\n") {
		t.Errorf("%s, %v", entry, err)
	}
	script, err := get(t, tree, "machines/any.ipxe")
	if err != nil || !strings.Contains(script, "\nkernel ../${arch}/vmlinuz initrd=initramfs initrd=machine.cpio console=ttyS0\n") ||
		!strings.Contains(script, "\ninitrd --name machine.cpio default.cpio\nboot\n") {
		t.Errorf("%s, %v", script, err)
	}
	for _, name := range []string{"SN-1", "SN-2"} {
		if _, err := get(t, tree, "machines/"+name+".ipxe"); err == nil || !strings.HasPrefix(err.Error(), "arguments/"+name+": iPXE takes") {
			t.Errorf("%s: %v", name, err)
		}
	}
	archive, err := get(t, tree, "machines/any.cpio")
	if files := unpacked(t, archive); err != nil || len(files) != 2 || files["hooks/50-x.sh"] != "100755 #!/bin/sh\n" || len(archive)%4 != 0 {
		t.Errorf("%q, %v", files, err)
	}
}

// stub returns a program of EFI with one section and a table of symbols behind it.
func stub() string {
	const peOffset, optionalSize, optional, fileAlignment, headersSize = 0x3c, 20, 24, 60, 84
	b := make([]byte, 0x600)
	copy(b, "MZ")
	b[peOffset] = 0x80
	copy(b[0x80:], "PE\x00\x00\x64\x86\x01\x00")
	b[0x80+optionalSize] = 0xf0
	copy(b[0x80+optional:], "\x0b\x02")
	b[0x80+optional+0x21], b[0x80+fileAlignment+1] = 0x10, 0x02 // alignments of 4096 and 512
	b[0x80+headersSize+1] = 0x04
	b[0x80+optional+108] = 16 // directories
	header := b[0x80+optional+0xf0:]
	copy(header, ".text\x00\x00\x00")
	for i, value := range []byte{0x00, 0x02, 0, 0, 0x00, 0x10, 0, 0, 0x00, 0x02, 0, 0, 0x00, 0x04, 0, 0} {
		header[8+i] = value
	}
	copy(b[0x400:], "code")
	return string(b) + "symbols"
}

// A machine's program has what it boots in the sections that systemd's stub looks into.
func TestProgram(t *testing.T) {
	kernel, initramfs := strings.Repeat("kernel", 1000), strings.Repeat("i", 4097)
	files := map[string]string{"amd64/stub.efi": stub(), "amd64/vmlinuz": kernel, "amd64/initramfs": initramfs, "arguments/default": "console=x b2c.run=y"}
	tree, err := New(folder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	program, err := get(t, tree, "machines/default.amd64.efi")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := pe.NewFile(strings.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	archive, err := get(t, tree, "machines/default.cpio")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{".text": "code", ".cmdline": "console=x", ".initrd": initramfs + "\x00\x00\x00" + archive, ".linux": kernel}
	end := uint32(0)
	for _, s := range parsed.Sections {
		data, err := s.Data()
		if err != nil || !bytes.HasPrefix(data, []byte(want[s.Name])) || s.Name != ".text" && int(s.VirtualSize) != len(want[s.Name]) || s.VirtualAddress < end || s.VirtualAddress%4096 != 0 {
			t.Errorf("%s: %d bytes at %#x, %v", s.Name, len(data), s.VirtualAddress, err)
		}
		end = s.VirtualAddress + s.VirtualSize
		delete(want, s.Name)
	}
	if size := parsed.OptionalHeader.(*pe.OptionalHeader64).SizeOfImage; len(want) > 0 || size < end {
		t.Errorf("without %q; %d bytes in memory of %d", want, size, end)
	}
	for _, broken := range []string{"", "MZ", stub()[:0x100], strings.Replace(stub(), "PE\x00\x00\x64\x86\x01", "PE\x00\x00\x64\x86\x17", 1)} {
		if err := os.WriteFile(filepath.Join(folder(t, nil), "x"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		files["amd64/stub.efi"] = broken
		tree, err := New(folder(t, files))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := get(t, tree, "machines/default.amd64.efi"); err == nil || !strings.HasPrefix(err.Error(), "amd64/stub.efi: ") {
			t.Errorf("a stub of %d bytes: %v", len(broken), err)
		}
	}
}

func TestExport(t *testing.T) {
	dir := folder(t, map[string]string{"amd64/vmlinuz": "k", "amd64/initramfs": "i", "amd64/stub.efi": stub(),
		"arguments/default": "b2c.run=d", "arguments/52:54:00:AB:CD:01": "b2c.run=m", "machines/old.ipxe": "old",
		"arguments/default~": "b2c.run=\"", "arguments/.default.swp": "b2c.run=\""})
	written, err := Export(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"boot.ipxe", "machines/default.ipxe", "machines/default.cpio", "machines/default.amd64.efi", "machines/52-54-00-ab-cd-01.ipxe"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil || !slices.Contains(written, name) {
			t.Errorf("%s: %v, written %q", name, err, written)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "machines/old.ipxe")); err == nil {
		t.Error("a machine that is gone is still there")
	}
	for _, name := range written {
		if strings.Contains(name, "~") || strings.Contains(name, "/.") {
			t.Errorf("an editor's copy is a machine: %s", name)
		}
	}
	// what cannot be written leaves what was written before
	if err := os.WriteFile(filepath.Join(dir, "arguments/broken"), []byte("b2c.run=\""), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Export(dir); err == nil {
		t.Error("arguments with an open quote: no error")
	}
	if _, err := os.Stat(filepath.Join(dir, "machines/default.ipxe")); err != nil {
		t.Errorf("an export that failed took the former one: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "machines.*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	if entry, _ := os.ReadFile(filepath.Join(dir, "boot.ipxe")); !strings.Contains(string(entry), "|| imgfetch --name machine machines/default.ipxe ||") {
		t.Errorf("%s", entry)
	}
}

// Whatever a person writes into a file of arguments, no script or archive that is made of it is another's.
func FuzzArguments(f *testing.F) {
	f.Add("# x\nconsole=ttyS0 b2c.run=\"a b\"\n")
	f.Fuzz(func(t *testing.T, content string) {
		a, err := parse(content)
		if err != nil {
			return
		}
		again, err := parse(a.line + "\n" + a.file)
		if err != nil || again.line != a.line || again.file != a.file {
			t.Errorf("%q and %q, read again %q and %q, %v", a.line, a.file, again.line, again.file, err)
		}
		if script, err := script(a); err == nil && strings.Count(script, "\n") != 6 {
			t.Errorf("%q", script)
		}
	})
}
