package oci

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// peerLayers are three layers with all that a layer can hold, and the whiteouts
// that hide parts of one another.
func peerLayers(t testing.TB) [][]byte {
	pack := func(headers ...tar.Header) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for i, h := range headers {
			h.Format = tar.FormatPAX
			h.ModTime = time.Unix(1_000_000_000+int64(i), 0)
			content := []byte(nil)
			if h.Typeflag == tar.TypeReg {
				content = []byte("content of " + h.Name)
				h.Size = int64(len(content))
			}
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(content); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	dir := func(name string, mode int64) tar.Header {
		return tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: mode}
	}
	reg := func(name string, mode int64, uid int) tar.Header {
		return tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: mode, Uid: uid, Gid: uid}
	}
	capability := map[string]string{"SCHILY.xattr.security.capability": "\x01\x00\x00\x02\x00\x20" + strings.Repeat("\x00", 14)}
	return [][]byte{
		pack(
			dir("./", 0o755), dir("bin/", 0o755), reg("bin/su", 0o4755, 0), reg("bin/wall", 0o2755, 5),
			tar.Header{Name: "bin/ping", Typeflag: tar.TypeReg, Mode: 0o755, PAXRecords: capability},
			tar.Header{Name: "bin/sh", Typeflag: tar.TypeSymlink, Linkname: "su", Mode: 0o777},
			tar.Header{Name: "bin/login", Typeflag: tar.TypeLink, Linkname: "bin/su", Mode: 0o4755},
			dir("tmp/", 0o1777), dir("dev/", 0o755),
			tar.Header{Name: "dev/null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3, Mode: 0o666},
			tar.Header{Name: "dev/loop", Typeflag: tar.TypeBlock, Devmajor: 7, Mode: 0o660, Gid: 6},
			tar.Header{Name: "dev/pipe", Typeflag: tar.TypeFifo, Mode: 0o600},
			dir("gone/", 0o755), reg("gone/a", 0o644, 0), dir("opaque/", 0o755), reg("opaque/a", 0o644, 0), dir("opaque/d/", 0o755),
			dir("anew/", 0o755), reg("anew/old", 0o644, 0), reg("file", 0o644, 1), reg("removed", 0o644, 1),
			dir("usr/", 0o755), dir("usr/lib/", 0o755), reg("usr/lib/x", 0o644, 0),
		),
		pack(
			reg(".wh.gone", 0o644, 0), dir("opaque/", 0o700), reg("opaque/.wh..wh..opq", 0o644, 0), reg("opaque/b", 0o644, 0),
			reg(".wh.anew", 0o644, 0), dir("anew/", 0o755), reg("anew/new", 0o644, 0), reg("removed", 0o600, 2),
			dir("usr/", 0o755), dir("usr/lib/", 0o755), reg("usr/lib/.wh.x", 0o644, 0), reg("usr/lib/y", 0o644, 0),
		),
		pack(dir("opaque/", 0o711), reg("opaque/c", 0o644, 0), reg(".wh.removed", 0o644, 0), reg("file", 0o400, 3), dir("gone/", 0o755), reg("gone/b", 0o644, 0)),
	}
}

// TestPeer compares what the kernel shows of stacked layers with what umoci
// unpacks of the same image.
func TestPeer(t *testing.T) {
	image := buildImage(t, peerLayers(t)...)
	files := map[string][]byte{"oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`)}
	for _, blob := range append([][]byte{image.config, image.manifest}, image.blobs...) {
		files["blobs/sha256/"+hashOf(t, blob).Hex] = blob
	}
	files["index.json"] = fmt.Appendf(nil, `{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",`+
		`"digest":"%s","size":%d,"annotations":{"%s":"v1"}}]}`, hashOf(t, image.manifest), len(image.manifest), "org.opencontainers.image.ref.name")
	layout := writeFolder(t, files)

	bundle := t.TempDir()
	out, err := exec.Command("umoci", "raw", "unpack", "--image", layout+":v1", bundle+"/rootfs").CombinedOutput()
	if err != nil {
		t.Fatalf("umoci (Debian's package umoci): %v: %s", err, out)
	}
	stored, err := Pull(t.Context(), openStore(t), mustParse(t, "oci:"+layout), hasty())
	if err != nil {
		t.Fatal(err)
	}
	want, got := describeTree(t, bundle+"/rootfs"), describeTree(t, mountLayers(t, stored.Layers))
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("umoci has       %s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("the overlay has %s", line)
		}
	}
}

func mountLayers(t *testing.T, layers []string) string {
	t.Helper()
	dir := t.TempDir()
	upward := slices.Clone(layers)
	slices.Reverse(upward)
	if err := unix.Mount("overlay", dir, "overlay", unix.MS_RDONLY, "lowerdir="+strings.Join(upward, ":")); err != nil {
		t.Fatalf("mount overlay: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// describeTree returns a line a file, with all that an image says of it.
func describeTree(t *testing.T, root string) (lines []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		line := fmt.Sprintf("%s mode %o owner %d:%d device %d time %d", name, st.Mode, st.Uid, st.Gid, st.Rdev, st.Mtim.Sec)
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" links %d content %q", st.Nlink, content)
		case unix.S_IFLNK:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			line += " target " + target
		}
		value := make([]byte, 64)
		if n, err := unix.Lgetxattr(path, "security.capability", value); err == nil {
			line += fmt.Sprintf(" capability %x", value[:n])
		}
		lines = append(lines, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
