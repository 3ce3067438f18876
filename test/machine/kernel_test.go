package machine

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func TestNewestPackage(t *testing.T) {
	names := []string{
		"linux-image-6.1.0-9-cloud-amd64", "linux-image-6.1.0-56-cloud-amd64",
		"linux-image-6.12.9+deb12-cloud-amd64", "linux-image-6.12.117+deb12-cloud-amd64",
		"linux-image-6.12.118+deb12-cloud-amd64-unsigned", "linux-image-6.12.118+deb12-cloud-amd64-dbg",
		"linux-image-6.12.118+deb12-amd64", "linux-image-6.12.118+deb12-rt-amd64", "linux-image-6.1.0-56-amd64", "linux-image-6.12-cloud-amd64",
		"linux-image-6.12.119+deb12-cloud-arm64", "linux-image-6.9.10-cloud-arm64", "linux-image-cloud-arm64",
		"linux-image-6.1.0-50-armmp", "linux-image-6.1.0-50-armmp-lpae", "linux-image-6.1.0-50-rt-armmp", "linux-image-6.12.117+deb13-riscv64",
		"apt-amd64", ".fetch-1",
	}
	for _, c := range []struct{ arch, series, want string }{
		{"amd64", "6.12", "linux-image-6.12.117+deb12-cloud-amd64"},
		{"amd64", "6.1", "linux-image-6.1.0-56-cloud-amd64"},
		{"amd64", "6.12-generic", "linux-image-6.12.118+deb12-amd64"},
		{"amd64", "6.1-generic", "linux-image-6.1.0-56-amd64"},
		{"arm64", "6.12-generic", ""},
		{"amd64", "", "linux-image-6.12.117+deb12-cloud-amd64"},
		{"arm64", "", "linux-image-6.12.119+deb12-cloud-arm64"},
		{"arm64", "6.1", ""},
		{"riscv64", "6.12", "linux-image-6.12.117+deb13-riscv64"},
		{"riscv64", "6.1", ""},
		{"arm", "6.1-generic", "linux-image-6.1.0-50-armmp"},
		{"arm", "", "linux-image-6.1.0-50-armmp"},
	} {
		got, err := newestPackage(names, c.arch, c.series)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s, series %q: got %q, %v, want %q", c.arch, c.series, got, err, c.want)
		}
	}
}

// A bzImage of the x86 boot protocol with one sector of set-up.
func TestVmlinux(t *testing.T) {
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	kernel := bytes.Repeat([]byte("kernel"), 1000)
	packed := encoder.EncodeAll(kernel, nil)
	for _, c := range []struct {
		name    string
		payload []byte
		length  int
		magic   string
		want    string // of the unpacked file; "": the image itself
		err     string
	}{
		{"zstd", packed, len(packed) + 4, "HdrS", string(kernel), ""},
		{"another packer", []byte("\xfd7zXZ\x00 and so on"), 17, "HdrS", "", ""},
		{"no bzImage", packed, len(packed) + 4, "MZ  ", "", ""},
		{"cut off", packed, 1 << 30, "HdrS", "", "its payload ends at"},
		{"less than nothing", packed, 0, "HdrS", "", "its payload ends at"},
		{"damaged", append([]byte("\x28\xb5\x2f\xfd"), make([]byte, 64)...), 72, "HdrS", "", "unpack "},
	} {
		t.Run(c.name, func(t *testing.T) {
			image := make([]byte, 1024)
			image[0x1f1] = 1
			copy(image[0x202:], c.magic)
			binary.LittleEndian.PutUint32(image[0x24c:], uint32(c.length))
			image = append(append(image, c.payload...), 0, 0, 0, 0)
			k := Kernel{Image: filepath.Join(t.TempDir(), "vmlinuz")}
			if err := os.WriteFile(k.Image, image, 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second finds what the first has made
				file, err := k.Vmlinux()
				if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want %q", err, c.err)
				}
				if err != nil {
					continue
				}
				if c.want == "" {
					if file != k.Image {
						t.Errorf("got %s, want the image itself", file)
					}
				} else if got, err := os.ReadFile(file); err != nil || string(got) != c.want {
					t.Errorf("%d bytes, %v, want %d", len(got), err, len(c.want))
				}
			}
		})
	}
}
