package layer

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func stat(t *testing.T, path string) unix.Stat_t {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Fatal(err)
	}
	return st
}

func TestUnpackMetadata(t *testing.T) {
	old := unix.Umask(0o077)
	defer unix.Umask(old)
	node := func(name string, kind byte) item {
		return item{tar.Header{Name: name, Typeflag: kind, Devmajor: 1, Devminor: 3}, ""}
	}
	layer := mustUnpack(t,
		folderItem("./").mode(0o711).owner(3, 4),
		folderItem("sticky/").mode(0o1777),
		folderItem("setgid/").mode(0o2755).owner(0, 50),
		file("setgid/inside", "x"),
		folderItem("locked/").mode(0o500).owner(5, 6),
		file("locked/inside", "x").mode(0o000),
		file("setuid", "x").mode(0o4755).owner(1, 2),
		file("plain", "x").mode(0o666),
		symlink("link", "nowhere").owner(8, 9),
		node("device", tar.TypeChar).mode(0o666).owner(0, 5),
		node("odd", tar.TypeFifo).mode(0o4622).owner(1, 1),
		file("implied/file", "x").owner(1, 1),
	)
	tests := []struct {
		name     string
		mode     uint32
		uid, gid uint32
	}{
		{".", unix.S_IFDIR | 0o711, 3, 4},
		{"sticky", unix.S_IFDIR | 0o1777, 0, 0},
		{"setgid", unix.S_IFDIR | 0o2755, 0, 50},
		{"setgid/inside", unix.S_IFREG | 0o644, 0, 0},
		{"locked", unix.S_IFDIR | 0o500, 5, 6},
		{"locked/inside", unix.S_IFREG, 0, 0},
		{"setuid", unix.S_IFREG | 0o4755, 1, 2},
		{"plain", unix.S_IFREG | 0o666, 0, 0},
		{"link", unix.S_IFLNK | 0o777, 8, 9},
		{"device", unix.S_IFCHR | 0o666, 0, 5},
		{"odd", unix.S_IFIFO | 0o4622, 1, 1},
		{"implied", unix.S_IFDIR | 0o755, 0, 0},
	}
	for _, test := range tests {
		st := stat(t, filepath.Join(layer, test.name))
		if st.Mode != test.mode || st.Uid != test.uid || st.Gid != test.gid {
			t.Errorf("%s: got %o %d:%d, want %o %d:%d", test.name, st.Mode, st.Uid, st.Gid, test.mode, test.uid, test.gid)
		}
		if test.name != "implied" && (st.Mtim.Sec != when.Unix() || st.Mtim.Nsec != int64(when.Nanosecond())) {
			t.Errorf("%s: got time %v", test.name, st.Mtim)
		}
	}
}

func TestUnpackLastFolderEntryCounts(t *testing.T) {
	layer := mustUnpack(t,
		folderItem("a").mode(0o700).owner(1, 1), file("a/b", "x"), folderItem("a").mode(0o755).owner(0, 0))
	if st := stat(t, filepath.Join(layer, "a")); st.Mode&0o7777 != 0o755 || st.Uid != 0 || st.Gid != 0 {
		t.Errorf("got %o %d:%d", st.Mode, st.Uid, st.Gid)
	}
}

func TestUnpackHardLinksShareAnInode(t *testing.T) {
	layer := mustUnpack(t, file("a", "x").mode(0o4755), hardlink("b", "a"))
	a, b := stat(t, filepath.Join(layer, "a")), stat(t, filepath.Join(layer, "b"))
	if a.Ino != b.Ino || a.Nlink != 2 || a.Mode&0o7777 != 0o4755 {
		t.Errorf("got %+v, %+v", a, b)
	}
}

// capability is cap_net_raw=ep, as vfs_cap_data of revision 2.
const capability = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func getxattr(t *testing.T, path, name string) string {
	t.Helper()
	b := make([]byte, 256)
	n, err := unix.Lgetxattr(path, name, b)
	if err != nil {
		t.Errorf("%s of %s: %v", name, path, err)
		return ""
	}
	return string(b[:n])
}

func TestUnpackXattrs(t *testing.T) {
	layer := mustUnpack(t,
		file("ping", "x").mode(0o755).owner(1, 1).xattr("security.capability", capability).xattr("user.note", "n"),
		folderItem("d").xattr("user.note", "\x00binary"),
		symlink("l", "x").xattr("trusted.note", "t"))
	for _, test := range []struct{ file, name, want string }{
		{"ping", "security.capability", capability},
		{"ping", "user.note", "n"},
		{"d", "user.note", "\x00binary"},
		{"l", "trusted.note", "t"},
	} {
		if got := getxattr(t, filepath.Join(layer, test.file), test.name); got != test.want {
			t.Errorf("%s of %s: got %q", test.name, test.file, got)
		}
	}
}

func TestUnpackIgnoresOverlayXattrs(t *testing.T) {
	layer, report, err := unpackIn(t, t.TempDir(), archive(t,
		folderItem("d").xattr("trusted.overlay.opaque", "y").xattr("trusted.overlay.redirect", "/etc"),
		symlink("l", "x").xattr("user.note", "n")))
	if err != nil {
		t.Fatal(err)
	}
	if report.Ignored != 3 || !strings.Contains(report.FirstIgnored, "trusted.overlay.") {
		t.Errorf("got %+v", report)
	}
	if got := describe(t, layer); got != "d/ l->x" {
		t.Errorf("got %s", got)
	}
}

// mountFS mounts a file system for the test, or fails.
func mountFS(t *testing.T, kind, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("test", dir, kind, 0, options); err != nil {
		t.Fatalf("mount %s: %v", kind, err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestUnpackWithoutXattrs(t *testing.T) {
	t.Run("others are reported", func(t *testing.T) {
		_, report, err := unpackIn(t, mountFS(t, "ramfs", ""), archive(t, file("a", "x").xattr("user.note", "n").xattr("trusted.b", "n")))
		if err != nil || report.Ignored != 2 || !strings.Contains(report.FirstIgnored, "trusted.b of a: not supported") {
			t.Errorf("got %+v, %v", report, err)
		}
	})
	t.Run("capabilities must arrive", func(t *testing.T) {
		_, _, err := unpackIn(t, mountFS(t, "ramfs", ""), archive(t, file("ping", "x").xattr("security.capability", capability)))
		if err == nil || !strings.Contains(err.Error(), "security.capability of ping") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("opaque folders must be", func(t *testing.T) {
		_, _, err := unpackIn(t, mountFS(t, "ramfs", ""), archive(t, file("d/.wh..wh..opq", "")))
		if !errors.Is(err, unix.ENOTSUP) {
			t.Errorf("got %v", err)
		}
	})
}

func TestUnpackOnFullDisk(t *testing.T) {
	_, _, err := unpackIn(t, mountFS(t, "tmpfs", "size=64k"), archive(t, file("big", strings.Repeat("x", 1<<20))))
	if !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), "write big (1048576 bytes)") {
		t.Errorf("got %v", err)
	}
}

func TestUnpackSparse(t *testing.T) {
	for _, format := range []string{"gnu", "pax"} {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			name := filepath.Join(dir, "sparse")
			f, err := os.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			const size = 64 << 20
			for at, text := range map[int64]string{0: "begin", 10<<20 + 5: "middle"} {
				if _, err := f.WriteAt([]byte(text), at); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Truncate(size); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("tar", "-C", dir, "--sparse", "--format="+format, "-cf", dir+"/s.tar", "sparse").CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			data, err := os.ReadFile(dir + "/s.tar")
			if err != nil {
				t.Fatal(err)
			}
			layer, _, err := unpackIn(t, dir, data)
			if err != nil {
				t.Fatal(err)
			}
			checkSparse(t, filepath.Join(layer, "sparse"), name, size)
		})
	}
}

func TestUnpackHugeSparse(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.Command("sh", "-c", `truncate -s 1T "$0/s" && tar -C "$0" --sparse --format=gnu -cf "$0/s.tar" s`, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(dir + "/s.tar")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := unpackIn(t, dir, data); err == nil || !strings.Contains(err.Error(), "sparse file of 1099511627776 bytes") {
		t.Errorf("got %v", err)
	}
}

func checkSparse(t *testing.T, got, want string, size int64) {
	t.Helper()
	st := stat(t, got)
	if st.Size != size || st.Blocks*512 > 1<<20 {
		t.Errorf("got %d bytes on %d blocks", st.Size, st.Blocks)
	}
	a, err := os.ReadFile(got)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("content differs")
	}
}

func TestUnpackDeepTree(t *testing.T) {
	name := strings.Repeat("d/", 1000) + "f"
	dir := t.TempDir()
	if _, report, err := unpackIn(t, dir, archive(t, file(name, "x"), file(name+"2", "y"))); err != nil || report.Entries != 2 {
		t.Fatalf("got %+v, %v", report, err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "layer", name+"2")); err != nil || string(b) != "y" {
		t.Errorf("got %q, %v", b, err)
	}
}

func TestUnpackManyFolders(t *testing.T) {
	var items []item
	for i := range 100 {
		items = append(items, file(fmt.Sprintf("a/b%d/c%d/f", i%7, i), fmt.Sprint(i)))
	}
	layer := mustUnpack(t, items...)
	for i := range 100 {
		b, err := os.ReadFile(filepath.Join(layer, fmt.Sprintf("a/b%d/c%d/f", i%7, i)))
		if err != nil || string(b) != fmt.Sprint(i) {
			t.Errorf("got %q, %v", b, err)
		}
	}
}

func TestUnpackLeavesNoDescriptors(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	before := count()
	for range 20 {
		_, err := Unpack(context.Background(), io.LimitReader(bytes.NewReader(archive(t, file("a/b/c/d/e", "x"), file("f", "y"))), 2500), t.TempDir())
		if err == nil {
			t.Fatal("no error")
		}
	}
	if after := count(); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
