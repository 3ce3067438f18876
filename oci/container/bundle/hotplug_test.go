package bundle

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what must come, on however slow a machine.
const patience = 10 * time.Minute

// What the kernel says of a device makes and removes its node in a container's /dev.
func TestDevFollowsTheMachine(t *testing.T) {
	b, err := New(t.TempDir(), "box", []string{t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Remove()
	dev, err := b.MakeDev(nil)
	if err != nil {
		t.Fatal(err)
	}
	node := filepath.Join(dev, "zero")
	if err := os.Remove(node); err != nil {
		t.Fatal(err)
	}
	say(t, "mem/zero", "add")
	await(t, node, true)
	var st, machines unix.Stat_t
	if err := unix.Stat(node, &st); err != nil {
		t.Fatal(err)
	}
	if err := unix.Stat("/dev/zero", &machines); err != nil {
		t.Fatal(err)
	}
	if st.Mode != machines.Mode || st.Rdev != machines.Rdev {
		t.Errorf("mode %o, device %x; the machine's are %o, %x", st.Mode, st.Rdev, machines.Mode, machines.Rdev)
	}
	say(t, "mem/zero", "remove")
	await(t, node, false)

	// what is no device stays
	kept := filepath.Join(dev, "full")
	if err := os.Remove(kept); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	say(t, "mem/full", "remove")
	say(t, "mem/full", "add")
	say(t, "mem/zero", "add") // and when this one is there, those have been dealt with
	await(t, node, true)
	if text, err := os.ReadFile(kept); string(text) != "mine" {
		t.Errorf("a container's own file has %q, %v", text, err)
	}
}

// say has the kernel announce a device (Documentation/ABI/testing/sysfs-uevent).
func say(t *testing.T, class, action string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join("/sys/class", class, "uevent"), []byte(action), 0o200); err != nil {
		t.Fatal(err)
	}
}

func await(t *testing.T, name string, there bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Lstat(name); (err == nil) == there {
			return
		}
	}
	t.Fatalf("%s: there is %t after %v", name, !there, patience)
}
