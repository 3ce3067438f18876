package disk

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// image makes a sparse file of size bytes.
func image(t *testing.T, size int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	return path
}

// put writes data at an offset or, if that is negative, so far before the end.
func put(t *testing.T, path string, at int64, data string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if at < 0 {
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		at += info.Size()
	}
	if _, err := f.WriteAt([]byte(data), at); err != nil {
		t.Fatal(err)
	}
}

// shell runs a script with the image as $1.
func shell(t *testing.T, script, path string) string {
	t.Helper()
	cmd := exec.Command("sh", "-ec", script, "sh", path)
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/sbin:/usr/sbin")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s(a program that is not found: ./test.sh installs it)", script, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// What real tools make is recognised, with the label and the UUID that util-linux'
// blkid sees.
func TestProbeLikeBlkid(t *testing.T) {
	const luks = `printf secret | cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 `
	for kind, make := range map[string]string{
		"ext2":                  `mke2fs -q -t ext2 -L "my disk" "$1"`,
		"ext3":                  `mke2fs -q -t ext3 -L sixteen-bytes-xy "$1"`,
		"ext4":                  `mke2fs -q -t ext4 -L B2C_CACHE "$1"`,
		"btrfs":                 `mkfs.btrfs -q -L data "$1"`,
		"vfat":                  `mkfs.vfat -F 32 -n EFI "$1"`,
		"vfat of 16 bits":       `mkfs.vfat -F 16 -n BOOT "$1"`,
		"vfat without a name":   `mkfs.vfat -F 16 "$1"`,
		"swap":                  `mkswap -q -L paging "$1"`,
		"swap of 64 KiB pages":  `mkswap -q -p 65536 "$1"`,
		"iso9660":               `genisoimage -quiet -V "DEBIAN 12" -o "$1" /etc/hostname`,
		"crypto_LUKS":           luks + `--type luks2 --label vault "$1" -`,
		"crypto_LUKS version 1": luks + `--type luks1 "$1" -`,
	} {
		t.Run(kind, func(t *testing.T) {
			path := image(t, 300<<20)
			shell(t, make, path)
			got, err := Probe(path)
			if err != nil {
				t.Fatal(err)
			}
			field := func(name string) string {
				return shell(t, `blkid -p -o value -s `+name+` "$1" || true`, path)
			}
			if want := field("TYPE"); got.Type != want || !strings.HasPrefix(kind, want) {
				t.Errorf("type %q, want %q", got.Type, want)
			}
			if want := field("LABEL"); got.Label != want {
				t.Errorf("label %q, want %q", got.Label, want)
			}
			if want := field("UUID"); got.UUID != want && kind != "iso9660" && !strings.HasPrefix(kind, "crypto_LUKS") {
				t.Errorf("UUID %q, want %q", got.UUID, want)
			}
		})
	}
}

// What has no tool here to make it, at the places where md(4), lvm(8), zpool(8) and
// their like put it.
func TestProbeMagic(t *testing.T) {
	const raid, size = "\xfc\x4e\x2b\xa9", 300<<20 + 4096 + 512
	for _, tt := range []struct {
		kind  string
		at    int64
		magic string
	}{
		{"xfs", 0, "XFSB"}, {"ntfs", 3, "NTFS    "}, {"f2fs", 1024, "\x10\x20\xf5\xf2"}, {"squashfs", 0, "hsqs"},
		{"LVM2_member", 536, "LVM2 001"},
		{"linux_raid_member", 4096, raid}, {"linux_raid_member", 0, raid},
		{"linux_raid_member", size&^(64<<10-1) - 64<<10, raid},
		{"linux_raid_member", (size - 8<<10) &^ 4095, raid},
		{"isw_raid_member", -1024, "Intel Raid ISM Cfg Sig. 1.3.00"},
		{"bcache", 4096 + 24, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"},
		{"zfs_member", 128 << 10, "\x0c\xb1\xba\x00\x00\x00\x00\x00"},
		{"zfs_member", 256<<10 + 130<<10, "\x00\x00\x00\x00\x00\xba\xb1\x0c"},
		{"zfs_member", size&^(256<<10-1) - 512<<10 + 128<<10, "\x0c\xb1\xba\x00\x00\x00\x00\x00"},
		{"ceph_bluestore", 0, "bluestore block device\n"},
		{"BitLocker", 3, "-FVE-FS-"},
		{"gpt", 512, "EFI PART"}, {"gpt", 4096, "EFI PART"}, {"gpt", -512, "EFI PART"},
		{Unknown, 700 << 10, "x"}, {Unknown, -1, "x"}, {Unknown, 510, "\x55\xaa"},
		{Empty, 150 << 20, "in the middle nobody looks"},
	} {
		path := image(t, size)
		put(t, path, tt.at, tt.magic)
		if got, err := Probe(path); err != nil || got.Type != tt.kind {
			t.Errorf("%q at %d: got %q, %v, want %q", tt.magic, tt.at, got.Type, err, tt.kind)
		}
	}
}

// A disk may hold several things at once: none of them is kept quiet.
func TestProbeSeveral(t *testing.T) {
	const dos = `put() { printf "$2" | dd status=none conv=notrunc bs=1 of="$1" seek="$3"; }
		put "$1" '\200\0\0\0\203\0\0\0\0\10\0\0\0\0\1\0' 446; put "$1" '\125\252' 510`
	for want, make := range map[string]string{
		"dos":                    dos,
		"gpt":                    `sgdisk -n 1 "$1"`,
		"ext4,linux_raid_member": `mke2fs -q -t ext4 "$1"; printf '\374\116\053\251' | dd status=none conv=notrunc bs=1 of="$1" seek=$(($(stat -c %s "$1") - 65536))`,
		"iso9660,dos":            `genisoimage -quiet -o "$1" /etc/hostname; truncate -s 64M "$1"; ` + dos,
		"vfat":                   `mkfs.vfat -F 32 "$1"`, // which ends its boot sector as a DOS table
	} {
		path := image(t, 64<<20)
		shell(t, make, path)
		if got, err := Probe(path); err != nil || got.Type != want {
			t.Errorf("%s: got %q, %v, want %q", make, got.Type, err, want)
		}
	}
}

// Devices of any size are read without a fault, and the console is not at the mercy
// of a label.
func TestProbeHostile(t *testing.T) {
	for _, size := range []int64{0, 1, 512, 4096, 65536, window - 1, window + 1} {
		path := image(t, size)
		if got, err := Probe(path); err != nil || got.Type != Empty {
			t.Errorf("%d zeroes: got %q, %v", size, got.Type, err)
		}
		noise := bytes.Repeat([]byte{0xff}, int(size))
		if err := os.WriteFile(path, noise, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Probe(path); size > 0 && (err != nil || got.Type != Unknown) {
			t.Errorf("%d times ff: got %q, %v", size, got.Type, err)
		}
	}
	path := image(t, 1<<20)
	put(t, path, 0, "XFSB")
	put(t, path, 108, "\x1b[2J\nevil")
	if got, err := Probe(path); err != nil || got.Label != "?[2J?evil" {
		t.Errorf("got %q, %v", got.Label, err)
	}
	if _, err := Probe(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a device that is not there was read")
	}
}
