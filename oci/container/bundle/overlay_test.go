package bundle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/kit/inside/insidetest"

	"github.com/moby/sys/mountinfo"
)

// A store of images that others change has a link in the place of a layer, or the layer.
func TestSwappedLayer(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	for _, file := range []string{dir + "/layer/good", outside + "/secret"} {
		if err := os.MkdirAll(file, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, dir+"/link"); err != nil {
		t.Fatal(err)
	}
	insidetest.Swap(t, dir+"/layer", dir+"/link")
	bundles, whole := t.TempDir(), 0
	for i := 0; whole < 30; i++ {
		b, err := New(bundles, fmt.Sprint(i), []string{dir + "/layer"})
		if err != nil {
			continue // it is a link
		}
		found, err := filepath.Glob(b.Root() + "/*")
		if err != nil || len(found) != 1 || filepath.Base(found[0]) != "good" {
			t.Errorf("the container has %v, %v", found, err)
		}
		if err := b.Remove(); err != nil {
			t.Fatal(err)
		}
		whole++
	}
}

// As many layers as an image has at the most fit into the options of a mount, whatever the container's name.
func TestManyLayers(t *testing.T) {
	var layers []string
	for i := range 127 {
		layer := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if err := os.MkdirAll(layer+"/"+fmt.Sprint(i), 0o755); err != nil {
			t.Fatal(err)
		}
		layers = append(layers, layer)
	}
	bundles := filepath.Join(t.TempDir(), strings.Repeat("a,long:path", 20))
	b, err := New(bundles, strings.Repeat("long", 60), layers)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Remove()
	if entries, err := os.ReadDir(b.Root()); err != nil || len(entries) != len(layers) {
		t.Errorf("it has %d of %d, %v", len(entries), len(layers), err)
	}
}

// What is said of a mount that the kernel refused.
func TestAdvice(t *testing.T) {
	for _, test := range []struct {
		kind, options string
		isUpper       bool
		want          string
	}{
		{"cifs", "rw,nocase,vers=3.1.1", false, "mount it without nocase"},
		{"cifs", "rw,vers=3.1.1", false, ""},
		{"nfs4", "rw", false, ""},
		{"nfs4", "rw", true, "keep /storage on a disk or in memory"},
		{"ext4", "rw", true, ""},
	} {
		got := adviceFor(&mountinfo.Info{Mountpoint: "/mnt", FSType: test.kind, VFSOptions: test.options}, test.isUpper)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}
