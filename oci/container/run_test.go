package container

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootrc/oci/container/containertest"
	"bootrc/oci/container/record"
	"bootrc/oci/container/streams"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

func newTestRuntime(t testing.TB) Runtime {
	bundles, state := containertest.Folders(t)
	// other users than this one get there, as to /storage
	if err := os.Chmod(filepath.Dir(filepath.Dir(bundles)), 0o755); err != nil {
		t.Fatal(err)
	}
	return Runtime{Bundles: bundles, State: state}
}

func testImage(t testing.TB) Image {
	return Image{Name: "busybox", Layers: []string{containertest.Layer(t)}, Config: v1.Config{
		Env: []string{"PATH=/bin"}, Cmd: []string{"sh"},
	}}
}

// runWords runs a container with these options, and returns what it wrote.
func runWords(t testing.TB, r Runtime, image Image, words string, command ...string) (output string, status int, err error) {
	t.Helper()
	v, err := parseWords(words)
	if err != nil {
		t.Fatal(err)
	}
	v.Options.Command = command
	var said bytes.Buffer
	status, err = r.Run(context.Background(), image, v.Options, streams.Stdio{Stdin: strings.NewReader("typed\n"), Stdout: &said, Stderr: &said})
	return said.String(), status, err
}

func TestRun(t *testing.T) {
	image := testImage(t)
	source := t.TempDir()
	r := newTestRuntime(t)
	r.Secrets = t.TempDir()
	write(t, filepath.Join(r.Secrets, "word"), "hush")
	t.Cleanup(func() { os.Remove("/sys/fs/cgroup/bootrc-test-parent") })
	for _, tt := range []struct {
		words, script, want string
	}{
		{"-w|/data", "pwd; ls", "/data\nfile\ninner\n"},
		{"--rm", "cat; echo none", "none\n"},
		{"-i", "cat", "typed\n"},
		{"-u|nobody|--group-add=extra", "id -u; id -G", "65534\n65534 55\n"},
		{"--tmpfs=/data", "ls /data; grep -c '/data tmpfs rw,nosuid,nodev,relatime' /proc/mounts", "file\ninner\n1\n"},
		{"--mount=type=tmpfs,dst=/data,notmpcopyup,ro", "ls /data; touch /data/x 2>&1", "touch: /data/x: Read-only file system\n"},
		{"-v|" + source + ":/x", "echo y >/x/z; cat /x/z", "y\n"},
		{"-v|" + source + ":/x:ro", "echo y >/x/w; echo", "sh: can't create /x/w: Read-only file system\n\n"},
		{"-v|/data", "cat /data/file", "the image's\n"},
		{"--mount=type=volume,dst=/data,nocopy", "ls /data", ""},
		{"--read-only", "touch /x; touch /tmp/x /run/x && echo writable", "touch: /x: Read-only file system\nwritable\n"},
		{"--read-only|--read-only-tmpfs=false", "touch /tmp/x", "touch: /tmp/x: Read-only file system\n"},
		{"--shm-size=1m", "grep -c 'shm .*size=1024k' /proc/mounts", "1\n"},
		{"--ulimit=nofile=100:200", "ulimit -n; ulimit -Hn", "100\n200\n"},
		{"--cap-add=SYS_ADMIN|--cap-drop=CHOWN", "grep CapEff /proc/self/status", "CapEff:\t00000000802405fa\n"},
		{"--cap-add=NET_RAW|-u|nobody", "grep -e CapEff -e CapBnd -e CapAmb /proc/self/status",
			"CapEff:\t0000000000002000\nCapBnd:\t00000000800425fb\nCapAmb:\t0000000000002000\n"},
		{"--rm", "grep -e Seccomp: -e NoNewPrivs /proc/self/status", "NoNewPrivs:\t0\nSeccomp:\t2\n"},
		{"--security-opt=seccomp=unconfined|--security-opt=no-new-privileges", "grep -e Seccomp: -e NoNewPrivs /proc/self/status", "NoNewPrivs:\t1\nSeccomp:\t0\n"},
		{"--rm", "unshare -r id -u", "0\n"},
		{"-u|nobody", "unshare -r id -u", "0\n"},
		{"--rm", "unshare -rmpf sh -c 'mount -t tmpfs none /tmp && mount --bind /data /tmp && echo $$; ls /tmp'", "1\nfile\ninner\n"},
		{"--rm", "unshare -m true; mount -t tmpfs none /tmp", "unshare: unshare(0x20000): Operation not permitted\nmount: permission denied (are you root?)\n"},
		{"--privileged", "grep Seccomp: /proc/self/status", "Seccomp:\t0\n"},
		{"--security-opt=mask=/data:/etc/passwd", "ls /data; cat /etc/passwd", ""},
		{"--security-opt=unmask=ALL", "grep -c ' /proc/' /proc/mounts", "0\n"},
		{"--security-opt=unmask=/proc/*", "grep -c ' /proc/' /proc/mounts", "0\n"},
		{"--hostname=box", "hostname; cat /etc/hostname", "box\nbox\n"},
		{"--network=none|--name=lone", "hostname; ls /sys/class/net", "lone\nlo\n"},
		{"--dns=1.1.1.1|--dns-search=a.b|--dns-option=ndots:2", "cat /etc/resolv.conf", "search a.b\nnameserver 1.1.1.1\noptions ndots:2\n"},
		{"--dns=none", "ls /etc/resolv.conf", "ls: /etc/resolv.conf: No such file or directory\n"},
		{"--add-host=a;b:1.2.3.4", "head -n 1 /etc/hosts", "1.2.3.4\ta b\n"},
		{"--device=/dev/zero:/dev/z:r", "ls -l /dev/z | cut -c 1-40; head -c 1 /dev/z | od -An -tx1", "crw-rw-rw-    1 root     root        1, \n 00\n"},
		{"--privileged|--device=/dev/zero:/dev/inner/z", "ls /dev/inner; stat -c %a /dev/inner/z", "z\n666\n"},
		{"--ipc=host", "grep -c ' /dev/shm tmpfs' /proc/mounts", "1\n"},
		{"--ipc=none", "ls /dev/shm", "ls: /dev/shm: No such file or directory\n"},
		{"--sysctl=kernel.msgmax=1000", "cat /proc/sys/kernel/msgmax", "1000\n"},
		{"-t", "tty; ls /dev/console; echo $TERM", "/dev/pts/0\r\n/dev/console\r\nxterm\r\n"},
		{"-t|--privileged", "tty; stat -c %T /dev/console >/dev/null && echo console", "/dev/pts/0\r\nconsole\r\n"},
		{"-ti", "head -n 1", "typed\r\ntyped\r\n"},
		{"--systemd=always", "grep -c -e ' /run tmpfs' -e ' /run/lock tmpfs' -e ' /tmp tmpfs' -e ' /var/log/journal tmpfs' /proc/mounts; echo ${#container_uuid}", "4\n32\n"},
		{"--systemd=always|--privileged|--tmpfs=/run/mine", "ls -d /dev/tty[0-9]* /run/mine; [ -e /dev/null ] && echo devices",
			"ls: /dev/tty[0-9]*: No such file or directory\n/run/mine\ndevices\n"},
		{"--umask=077", "umask", "0077\n"},
		{"-v|" + source + ":/x:O", "echo >/x/new; [ -e /x/new ] && echo new", "new\n"},
		{"-v|" + source + ":/x", "[ -e /x/new ] || echo gone", "gone\n"},
		{"--mount=type=ramfs,dst=/x", "grep -c ' /x ramfs' /proc/mounts", "1\n"},
		{"--mount=type=glob,src=" + source + "*,dst=/x", "grep -c ' /x/' /proc/mounts", "1\n"},
		{"--env-merge=PATH=/first:${PATH}", "echo $PATH", "/first:/bin\n"},
		{"--personality=LINUX32", "uname -m", "i686\n"},
		{"--hosts-file=none", "head -n 1 /etc/hosts", "127.0.0.1\tlocalhost\n"},
		{"-u|1234|--passwd-entry=me:x:$UID:$GID::/:/bin/sh", "id -un", "me\n"},
		{"--secret=word,mode=400,uid=7|--secret=word,type=env,target=W", "stat -c '%a %u' /run/secrets/word; cat /run/secrets/word; echo $W", "400 7\nhushhush\n"},
		{"--uidmap=0:100000:65536", "cat /proc/self/uid_map | tr -s ' '; echo >/x; stat -c %u:%g /bin/busybox /etc/hosts /x", " 0 100000 65536\n0:0\n0:0\n0:0\n"},
		{"--rm", "grep -c '^overlay / .*volatile' /proc/mounts", "1\n"},
		{`--entrypoint=["echo","a b"]`, "", "a b -c \n"},
		{"--memory=200m|--cpus=0.5|--pids-limit=50", "echo limited", "limited\n"},
		{"--cgroup-parent=../bootrc-test-parent|--cgroupns=host", "sed -n 's,^0::/\\([^/]*\\)/bootrc-.*,\\1,p' /proc/self/cgroup", "bootrc-test-parent\n"},
		{"--mount=type=devpts,dst=/dev/pts,gid=5,mode=620", "grep -c '/dev/pts devpts .*gid=5,mode=620' /proc/mounts", "1\n"},
	} {
		t.Run(strings.ReplaceAll(tt.words, "/", "_"), func(t *testing.T) {
			command := []string{"sh", "-c", tt.script}
			if strings.HasPrefix(tt.words, "--entrypoint") {
				command = []string{"-c", ""}
			}
			got, _, err := runWords(t, r, image, tt.words, command...)
			if err != nil || got != tt.want {
				t.Errorf("%q, error %v\nwant %q", got, err, tt.want)
			}
		})
	}
}

// A container shares the namespaces and the volumes of one that runs.
func TestSharedContainers(t *testing.T) {
	r, image, source := newTestRuntime(t), testImage(t), t.TempDir()
	r.Records = record.Folder(filepath.Join(t.TempDir(), "records"))
	write(t, filepath.Join(source, "file"), "shared\n")
	v, err := parseWords("--name=first|--network=none|-v|" + source + ":/x|-v|/own")
	if err != nil {
		t.Fatal(err)
	}
	v.Options.Command = []string{"sleep", "100000"}
	first, err := r.Start(image, v.Options, streams.Stdio{Stdout: io.Discard, Stderr: io.Discard}, unix.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	ctx, stop := context.WithCancel(t.Context())
	go func() { _, err := first.Wait(ctx); ended <- err }()
	for _, tt := range []struct{ words, script, want string }{
		{"--network=container:first|--pid=container:first|--ipc=container:first", "ls /sys/class/net; ps | grep -c '[s]leep 100000'", "lo\n1\n"},
		{"--volumes-from=first", "cat /x/file; grep -c -e ' /x ' -e ' /own ' /proc/mounts", "shared\n2\n"},
		{"--volumes-from=first:ro", "echo >/x/file", "sh: can't create /x/file: Read-only file system\n"},
	} {
		if got, _, err := runWords(t, r, image, tt.words, "sh", "-c", tt.script); err != nil || got != tt.want {
			t.Errorf("%s: %q, error %v; want %q", tt.words, got, err, tt.want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for words, want := range map[string]string{
		"--network=container:first": "--network=container:first: first: it is not running",
		"--volumes-from=first":      "--volumes-from=first: first: it is not running",
	} {
		if _, _, err := runWords(t, r, image, words, "true"); err == nil || err.Error() != want {
			t.Errorf("%s: %v", words, err)
		}
	}
}

func TestRunStatus(t *testing.T) {
	image := testImage(t)
	r := newTestRuntime(t)
	for _, tt := range []struct {
		words   string
		command []string
		want    int
	}{
		{"--rm", []string{"sh", "-c", "exit 3"}, 3},
		{"--pid=host", []string{"sh", "-c", "kill -TERM $$"}, 143},
		{"--timeout=1", []string{"sleep", "1000"}, 255},
		{"--rm", []string{"/no-such"}, 127},
		{"--rm", []string{"no-such"}, 127},
		{"--rm", []string{"/etc"}, 126},
		{"--rm", []string{"/etc/passwd"}, 126},
		{"-w|/no-such", []string{"true"}, 126},
		{"-u|nobody-here", []string{"true"}, 125},
		{"--group-add=none-such", []string{"true"}, 125},
		{"-v|named:/x", []string{"true"}, 125},
	} {
		_, status, err := runWords(t, r, image, tt.words, tt.command...)
		if err != nil {
			status = int(StatusOf(err))
		}
		if status != tt.want {
			t.Errorf("%s %q: status %d, error %v; want %d", tt.words, tt.command, status, err, tt.want)
		}
	}
}

// patience is how long a test waits for what must come, on however slow a machine.
const patience = 10 * time.Minute

// What a container leaves running in the machine's PID namespace ends with it.
func TestRunLeavesNoProcess(t *testing.T) {
	r := newTestRuntime(t)
	image := testImage(t)
	output, _, err := runWords(t, r, image, "--pid=host", "sh", "-c", "sleep 1234 >/dev/null 2>&1 & echo $!")
	if err != nil {
		t.Fatal(err)
	}
	// it was killed, and may not have been reaped yet
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join("/proc", strings.TrimSpace(output))); err != nil {
			return
		}
	}
	t.Errorf("process %s is left", output)
}

func TestRunNameTaken(t *testing.T) {
	r, image := newTestRuntime(t), testImage(t)
	c, err := r.Create(image, Options{Name: "taken"}, streams.Stdio{Stdout: io.Discard, Stderr: io.Discard}, unix.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = runWords(t, r, image, "--name=taken", "true")
	if err == nil || err.Error() != `a container with the name "taken" is there already` {
		t.Errorf("error %v", err)
	}
	if err := c.Discard(nil); err != nil {
		t.Error(err)
	}
}

func TestNamedVolume(t *testing.T) {
	image := testImage(t)
	image.Config.Volumes = map[string]struct{}{"/data": {}, "/cache/": {}}
	r := newTestRuntime(t)
	volumes := t.TempDir()
	r.Volume = func(name string) (string, error) {
		folder := filepath.Join(volumes, name)
		return folder, os.MkdirAll(folder, 0o755)
	}
	for _, tt := range []struct{ words, script, want string }{
		{"-v|job:/data", "ls /data; echo mine >/data/file", "file\ninner\n"},
		{"-v|job:/data", "cat /data/file; grep -c ' /data .*nosuid,nodev' /proc/mounts", "mine\n1\n"},
		{"-v|fresh:/new|-u|nobody", "stat -c %U /new", "nobody\n"},
		{"-v|owned:/data:U|-u|nobody", "stat -c %U /data/file", "nobody\n"},
		{"--mount=type=volume,src=job,dst=/x,subpath=inner", "ls -A /x", ""},
		{"--rm", "grep -c -e ' /cache ' -e ' /data ' /proc/mounts; ls /data", "2\nfile\ninner\n"},
		{"--image-volume=ignore", "grep -c -e ' /cache ' -e ' /data ' /proc/mounts", "0\n"},
		{"--image-volume=tmpfs", "grep -c -e ' /cache tmpfs' -e ' /data tmpfs' /proc/mounts", "2\n"},
	} {
		if got, _, err := runWords(t, r, image, tt.words, "sh", "-c", tt.script); err != nil || got != tt.want {
			t.Errorf("%s: %q, error %v; want %q", tt.words, got, err, tt.want)
		}
	}
}
