package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// way is how an image comes onto a disk: a script of the shell, for which TO is the folder, IMAGE the
// reference, HOST, NAME and BLOBS its parts, and OURS bootrc's binary.
type way struct{ name, script string }

// The last is ours. What the pipes write is not even put in order: it is what the disk and the
// decompressor allow.
var ways = []way{
	{"podman", `podman --root "$TO/root" --runroot "$TO/run" --storage-driver overlay pull -q --tls-verify=false "docker://$IMAGE"`},
	{"skopeo, umoci", `skopeo copy -q --src-tls-verify=false "docker://$IMAGE" "oci:$TO/layout:v1" && umoci unpack --image "$TO/layout:v1" "$TO/bundle"`},
	{"crane, tar", `mkdir "$TO/root" && crane export --insecure "$IMAGE" - | tar -x -C "$TO/root"`},
	{"pigz, bsdtar", pipe("pigz")},
	{"igzip, bsdtar", pipe("igzip")},
	{"bootrc", `at=/storage; [ -d $at ] || at=/var/lib/bootrc; mkdir -p $at && mount --bind "$TO" $at && "$OURS" pull -q --tls-verify=false "docker://$IMAGE"`},
}

func pipe(decompress string) string {
	return `for blob in $BLOBS; do
		mkdir "$TO/$blob"
		curl -sf "http://$HOST/v2/$NAME/blobs/$blob" | ` + decompress + ` -dc | bsdtar -xp -C "$TO/$blob" -f - &
	done; wait`
}

// sample is what one pull took.
type sample struct {
	time, cpu time.Duration
	memory    int64 // of the largest process at its largest, in KiB
}

func (s sample) String() string {
	return fmt.Sprintf("%.2f s, %.2f s of CPU, %d MiB", s.time.Seconds(), s.cpu.Seconds(), s.memory>>10)
}

// pull pulls the image once onto an empty file system, with what it writes on the disk at the end.
func (w way) pull(ctx context.Context, ours string, p pushed, place, to string) (s sample, err error) {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return s, err
	}
	if err := mountOn(place, to); err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, run("umount "+to)) }()
	cmd := exec.CommandContext(ctx, "unshare", "-m", "sh", "-c", w.script+"; status=$?; sync -f \"$TO\"; exit $status")
	cmd.Env = append(os.Environ(), "TO="+to, "IMAGE="+p.reference, "HOST="+p.host, "NAME="+p.name, "BLOBS="+strings.Join(p.blobs, " "), "OURS="+ours)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	syscall.Sync()
	begin := time.Now()
	err = cmd.Run()
	s.time = time.Since(begin)
	if err != nil {
		return s, fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	var st unix.Statfs_t
	if err := unix.Statfs(to, &st); err != nil {
		return s, err
	}
	if used := int64(st.Blocks-st.Bfree) * st.Bsize; used < p.size {
		return s, fmt.Errorf("%d bytes arrived of an image that has %d when it is compressed", used, p.size)
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.memory = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	return s, nil
}

// mountOn mounts an empty file system, large enough.
func mountOn(place, to string) error {
	if place == "tmpfs" {
		return run("mount -t tmpfs -o size=90% bench " + to)
	}
	disk := filepath.Join(filepath.Dir(to), "disk")
	os.Remove(disk)
	return run("truncate -s 12G "+disk, "mkfs.ext4 -q -E lazy_itable_init=0 "+disk, "mount -o loop "+disk+" "+to)
}
