package stick

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// put writes files of a folder such as /sys.
func put(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := writeFile(filepath.Join(root, name), text+"\n"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDevice(t *testing.T) {
	root := t.TempDir()
	put(t, root, map[string]string{
		"devices/usb1/block/sdb/size": "61440000", "devices/usb1/block/sdb/removable": "0", "devices/usb1/block/sdb/dev": "8:16",
		"devices/usb1/block/sdb/device/vendor": "SanDisk ", "devices/usb1/block/sdb/device/model": "Ultra Fit       ",
		"devices/usb1/block/sdb/sdb1/dev": "8:17", "devices/usb1/block/sdb/sdb1/partition": "1", "devices/usb1/block/sdb/sdb1/size": "100",
		"devices/ata1/block/sda/size": "1000", "devices/ata1/block/sda/removable": "0",
		"devices/usb2/block/sdc/size": "0", "devices/usb2/block/sdc/removable": "1",
		"mountinfo": "36 35 8:17 / /media/me rw - vfat /dev/sdb1 rw\n37 35 8:1 / / rw - ext4 /dev/sda1 rw",
	})
	for name, target := range map[string]string{"sda": "devices/ata1/block/sda", "sdb": "devices/usb1/block/sdb",
		"sdb1": "devices/usb1/block/sdb/sdb1", "sdc": "devices/usb2/block/sdc"} {
		os.MkdirAll(filepath.Join(root, "class"), 0o755)
		if err := os.Symlink(filepath.Join(root, target), filepath.Join(root, "class", name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ path, text, err string }{
		{"/dev/sdb", "/dev/sdb (SanDisk Ultra Fit, 29.3 GiB)", ""},
		{"/dev/sda", "/dev/sda (a disk without a name, 500 KiB)", ""},
		{"/dev/sdb1", "", "/dev/sdb1 is a partition: name the whole disk"},
		{"/dev/sdc", "", "/dev/sdc: there is no medium in it"},
	} {
		d, err := deviceIn(filepath.Join(root, "class"), tt.path)
		if tt.err != "" {
			if err == nil || err.Error() != tt.err {
				t.Errorf("%s: %v, want %s", tt.path, err, tt.err)
			}
			continue
		}
		if err != nil || d.String() != tt.text || d.removable() != (tt.path == "/dev/sdb") {
			t.Errorf("%s: %s, removable %v, %v", tt.path, d, d.removable(), err)
		}
	}
	sdb, _ := deviceIn(filepath.Join(root, "class"), "/dev/sdb")
	if folders := sdb.mounts(filepath.Join(root, "mountinfo")); strings.Join(folders, " ") != "/media/me" {
		t.Errorf("mounted: %q", folders)
	}
}

func TestConfirm(t *testing.T) {
	for answer, want := range map[string]bool{"yes\n": true, "y\n": false, "": false, "no\n": false} {
		var asked bytes.Buffer
		if err := (Device{path: "/dev/sdz"}).Confirm(strings.NewReader(answer), &asked); (err == nil) != want {
			t.Errorf("%q: %v", answer, err)
		}
		if !strings.Contains(asked.String(), "/dev/sdz") {
			t.Errorf("asked: %s", &asked)
		}
	}
}

// A disk that forgets what is behind its first half is found out.
func TestSame(t *testing.T) {
	image := bytes.Repeat([]byte("image"), 1<<20)
	if err := same(bytes.NewReader(image), bytes.NewReader(image), int64(len(image))); err != nil {
		t.Error(err)
	}
	broken := append(bytes.Clone(image[:3<<20]), make([]byte, 2<<20)...)
	err := same(bytes.NewReader(image), bytes.NewReader(broken), int64(len(image)))
	if err == nil || !strings.Contains(err.Error(), "from byte 3145728 on") {
		t.Errorf("a broken disk: %v", err)
	}
}
