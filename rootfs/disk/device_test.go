package disk

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// What the kernel's folders say of disks and partitions.
func TestAll(t *testing.T) {
	root := t.TempDir()
	class := filepath.Join(root, "class")
	for file, content := range map[string]string{
		"vda/size": "2048\n", "vda/ro": "0\n", "vda/device/vendor": "x\n",
		"vda/vda1/size": "1024\n", "vda/vda1/ro": "1\n", "vda/vda1/partition": "1\n", "vda/vda1/start": "64\n",
		"vda/vda1/uevent": "DEVTYPE=partition\nPARTN=1\nPARTUUID=aa-bb\nPARTNAME=B2C_CACHE=x\n",
		"sda/size":        "0\n", "loop0/size": "8\n", "cciss!c0d0/size": "8\n", "cciss!c0d0/removable": "1\n", "odd/size": "x\n",
	} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(class, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, device := range []string{"vda", "vda/vda1", "sda", "loop0", "cciss!c0d0", "odd"} {
		if err := os.Symlink(filepath.Join(root, device), filepath.Join(class, filepath.Base(device))); err != nil {
			t.Fatal(err)
		}
	}
	got, err := all(class)
	want := []Device{
		{Name: "cciss/c0d0", Size: 4096, Removable: true},
		{Name: "loop0", Size: 4096},
		{Name: "vda", Size: 1 << 20, Physical: true},
		{Name: "vda1", Size: 512 << 10, ReadOnly: true, Disk: "vda", Number: 1, Start: 32 << 10, Label: "B2C_CACHE=x", UUID: "aa-bb"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
