package main

import (
	"archive/tar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// machineDoes packs a folder, has a script change the copy, and takes it back.
func machineDoes(t *testing.T, folder, script string) error {
	t.Helper()
	work, copy := t.TempDir(), t.TempDir()
	c := &copied{folder: folder, back: filepath.Join(work, "back")}
	disks, err := c.pack(work)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range [][]string{
		{"tar", "-xf", disks[0].File, "-C", copy},
		{"sh", "-euc", "cd " + copy + "\n" + script},
		{"tar", "-cf", work + "/tar", "-C", copy, "."},
		{"dd", "if=" + work + "/tar", "of=" + c.back, "conv=notrunc", "status=none"},
	} {
		if out, err := exec.Command(line[0], line[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v: %s", line, err, out)
		}
	}
	return c.takeBack()
}

func TestCopiedFolder(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"same": "1", "changed": "1", "gone": "1", "deep/gone/file": "1", "deep/same": "1", "file": "1", "folder/file": "1"} {
		write(t, filepath.Join(folder, name), text)
	}
	if err := os.Symlink("same", filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(filepath.Join(folder, "same"))
	if err != nil {
		t.Fatal(err)
	}
	err = machineDoes(t, folder, `
		echo longer >changed
		rm -r gone deep/gone
		mkdir new; echo 2 >new/file; chmod 755 new/file; ln -s ../same new/link; ln new/file new/hard
		rm -r file folder; mkdir file; echo 2 >file/in; echo 2 >folder
		ln -sf changed link`)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("find", folder, "-mindepth", "1", "-printf", "%P %M %l\n").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"same -rw------- \n", "changed -rw------- \n", "new/file -rwxr-xr-x \n", "new/hard -rwxr-xr-x \n", "new/link lrwxrwxrwx ../same\n", "link lrwxrwxrwx changed\n", "deep/same ", "file/in ", "folder -"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "gone") {
		t.Errorf("what was removed is still there:\n%s", out)
	}
	after, err := os.Stat(filepath.Join(folder, "same"))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("what did not change was written: %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(folder, "changed")); string(text) != "longer\n" {
		t.Errorf("changed: %q", text)
	}
}

// A machine that brings back nothing, half of it, or names that lead out changes nothing elsewhere.
func TestCopiedFolderOfABadMachine(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	pack := func(headers ...tar.Header) string {
		var b strings.Builder
		w := tar.NewWriter(&b)
		for _, h := range headers {
			h.Mode = 0o777
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for name, archive := range map[string]string{
		"nothing": "", "noise": strings.Repeat("x", 2048),
		"half":           pack(tar.Header{Name: "a", Typeflag: tar.TypeReg})[:100],
		"above":          pack(tar.Header{Name: "../outside", Typeflag: tar.TypeReg}),
		"absolute":       pack(tar.Header{Name: outside, Typeflag: tar.TypeReg}),
		"through a link": pack(tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: filepath.Dir(outside)}, tar.Header{Name: "l/outside", Typeflag: tar.TypeReg}),
	} {
		folder := t.TempDir()
		write(t, filepath.Join(folder, "mine"), "1")
		work := t.TempDir()
		c := &copied{folder: folder, back: filepath.Join(work, "back")}
		if _, err := c.pack(work); err != nil {
			t.Fatal(err)
		}
		write(t, c.back, archive)
		if err := c.takeBack(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := os.Stat(filepath.Join(folder, "mine")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Lstat(outside); err == nil {
			t.Fatalf("%s: it wrote to %s", name, outside)
		}
	}
}
