package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// What images have in place of the files that are read of them.
func TestFilesOfImages(t *testing.T) {
	r := newTestRuntime(t)
	remove := func(layer string, names ...string) {
		for _, name := range names {
			if err := os.RemoveAll(filepath.Join(layer, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, tt := range map[string]struct {
		change func(layer string) error
		user   string
		want   string // the output, or the error
	}{
		"FIFO": {func(layer string) error {
			remove(layer, "etc/passwd")
			return unix.Mkfifo(layer+"/etc/passwd", 0o644)
		}, "nobody", "the image's users: open etc/passwd: it is a FIFO, not a regular file"},
		"FIFO behind a link": {func(layer string) error {
			remove(layer, "etc/group")
			return errors.Join(unix.Mkfifo(layer+"/tmp/f", 0o644), os.Symlink("/tmp/f", layer+"/etc/group"))
		}, "nobody", "the image's users: open etc/group: it is a FIFO, not a regular file"},
		"device": {func(layer string) error {
			remove(layer, "etc/group")
			return unix.Mknod(layer+"/etc/group", unix.S_IFCHR|0o644, int(unix.Mkdev(1, 5)))
		}, "0", "the image's users: open etc/group: it is a device, not a regular file"},
		"folder": {func(layer string) error {
			remove(layer, "etc/passwd")
			return os.Mkdir(layer+"/etc/passwd", 0o755)
		}, "", "the image's users: open etc/passwd: it is a folder, not a regular file"},
		"endless": {func(layer string) error { return os.Truncate(layer+"/etc/passwd", 1<<40) },
			"nobody", "the image's users: read etc/passwd: it has more than the 16777216 bytes allowed"},
		"loop": {func(layer string) error {
			remove(layer, "etc/passwd")
			return os.Symlink("passwd", layer+"/etc/passwd")
		}, "nobody", "too many levels of symbolic links"},
		"none": {func(layer string) error {
			remove(layer, "etc")
			return nil
		}, "7", "7 localhost\n"},
		"absolute link to a file": {func(layer string) error {
			return errors.Join(os.Rename(layer+"/etc/passwd", layer+"/tmp/users"), os.Symlink("/tmp/users", layer+"/etc/passwd"))
		}, "nobody", "65534 localhost\n"},
		"absolute link to a folder": {func(layer string) error {
			return errors.Join(os.MkdirAll(layer+"/nix/store", 0o755), os.Rename(layer+"/etc", layer+"/nix/store/etc"), os.Symlink("/nix/store/etc", layer+"/etc"))
		}, "nobody", "65534 localhost\n"},
		"absolute links to nothing": {func(layer string) error {
			remove(layer, "etc")
			return errors.Join(os.Symlink("/run/etc", layer+"/etc"), os.Symlink("/nowhere/run", layer+"/run"))
		}, "5", "5 localhost\n"},
	} {
		t.Run(name, func(t *testing.T) {
			image := testImage(t)
			if err := tt.change(image.Layers[0]); err != nil {
				t.Fatal(err)
			}
			image.Config.User = tt.user
			got, _, err := runWords(t, r, image, "--rm", "sh", "-c", `echo $(id -u) $(grep -o localhost /etc/hosts | head -n 1)`)
			if err != nil {
				got = err.Error()
			}
			if got != tt.want && (err == nil || !strings.Contains(got, tt.want)) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A configuration of 4 MiB holds so many variables.
func TestManyVariables(t *testing.T) {
	const many = 300_000
	image := Image{Config: v1.Config{Env: []string{"HOME=/image"}}}
	for i := range many {
		image.Config.Env = append(image.Config.Env, fmt.Sprintf("N%d=%d", i, i))
	}
	options := Options{Environment: Environment{Set: []string{"N7=seven", "LAST=1"}, Unset: []string{"N8"}}}
	env := variables(image, options, user{home: "/"}, "box")
	// PATH, container, HOSTNAME and HOME come first
	if len(env) != 4+many-1+1 || env[3] != "HOME=/image" || env[4+7] != "N7=seven" || env[4+8] != "N9=9" || env[len(env)-1] != "LAST=1" {
		t.Errorf("got %d variables, %q … %q", len(env), env[:14], env[len(env)-1])
	}
}

// Each volume of an image is a mount.
func TestManyVolumes(t *testing.T) {
	r, image := newTestRuntime(t), testImage(t)
	image.Config.Volumes = make(map[string]struct{})
	for i := range 20_000 {
		image.Config.Volumes[fmt.Sprintf("/v/%d", i)] = struct{}{}
	}
	_, _, err := runWords(t, r, image, "--rm", "true")
	if err == nil || err.Error() != "busybox declares 20000 volumes, more than the 500 allowed: give --image-volume=ignore" {
		t.Errorf("got %v", err)
	}
	if got, _, err := runWords(t, r, image, "--image-volume=ignore", "echo", "up"); err != nil || got != "up\n" {
		t.Errorf("got %q, %v", got, err)
	}
}

// Whatever score the boot has, a container has that of any program.
func TestOOMScore(t *testing.T) {
	const file = "/proc/self/oom_score_adj"
	before, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte("500"), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer os.WriteFile(file, before, 0)
	r, image := newTestRuntime(t), testImage(t)
	for words, want := range map[string]string{"--rm": "0\n", "--oom-score-adj=300": "300\n"} {
		if got, _, err := runWords(t, r, image, words, "cat", file); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", words, got, err, want)
		}
	}
}

// A container that the kernel ends because there is no memory for it is told from one that
// somebody killed.
func TestOutOfMemory(t *testing.T) {
	r, image := newTestRuntime(t), testImage(t)
	const killed = ": the kernel killed 1 of the container's processes"
	for _, tt := range []struct {
		memory, script string
		status         int
		want           string
	}{
		{"100m", "tail /dev/zero", 137, "its memory of 100 MiB was used up" + killed},
		{"100m", "tail /dev/zero & wait $! || exit 3", 3, "its memory of 100 MiB was used up" + killed},
		{"40m", "tail /dev/zero", 137, "its memory of 40 MiB was used up" + killed}, // the race detector's own takes 18
		{"100m", "tail /dev/zero & wait $!; echo anyway", 0, "<nil>"},
		{"100m", "kill -KILL $$", 137, "<nil>"},
	} {
		_, status, err := runWords(t, r, image, "--memory="+tt.memory+"|--memory-swap="+tt.memory+"|--pid=host", "sh", "-c", tt.script)
		if got := fmt.Sprint(err); got != tt.want || status != tt.status {
			t.Errorf("%s, %s: status %d, %v; want %d, %s", tt.memory, tt.script, status, err, tt.status, tt.want)
		}
	}
}
