package tools

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// insideScript, set in the environment, makes the test binary run that script
// instead: it was started in a mount namespace of its own.
const insideScript = "TOOLS_TEST_SCRIPT"

func TestMain(m *testing.M) {
	script, inside := os.LookupEnv(insideScript)
	if !inside {
		os.Exit(m.Run())
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		fmt.Fprintln(os.Stderr, "making / private:", err)
		os.Exit(99)
	}
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
	out, errOut, status, err := interpret(context.Background(), dir, script)
	fmt.Print(out)
	fmt.Fprint(os.Stderr, errOut)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 99
	}
	os.Exit(status)
}

// runInside runs a script as root of its own mounts.
func runInside(t *testing.T, dir, script string) (out, errOut string, status int) {
	t.Helper()
	c := exec.Command("/proc/self/exe")
	c.Dir, c.Env = dir, append(environment, insideScript+"="+script)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS}
	if os.Geteuid() != 0 {
		c.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	var stdout, stderr strings.Builder
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); c.ProcessState == nil {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

func TestMounts(t *testing.T) {
	const tmpfs = "mkdir m && mount -t tmpfs -o size=1m,mode=755 none m && "
	for _, test := range []struct {
		line, want string
		status     int
		complaint  string
	}{
		{line: tmpfs + "mount | grep -c \"^none on $PWD/m type tmpfs (rw,relatime,size=1024k,mode=755\"", want: "1\n"},
		{line: tmpfs + "mount -t tmpfs | grep -c ' type tmpfs '; mount -t nothing", want: "COUNT"},
		{line: tmpfs + "mountpoint m; mountpoint -q m && umount m && mountpoint -q m", want: "m is a mountpoint\n", status: 32},
		{line: tmpfs + "mountpoint missing", status: 1, complaint: "no such file"},
		{line: tmpfs + "mount -o remount,ro m && touch m/x", status: 1, complaint: "read-only file system"},
		{line: tmpfs + "mount -r -o remount m && touch m/x", status: 1, complaint: "read-only file system"},
		{line: tmpfs + "touch m/a; mkdir b; mount --bind m b; ls b; umount b; ls b", want: "a\n"},
		{line: tmpfs + "mkdir b; mount -o bind,ro m b && touch m/y && ls b && touch b/x", want: "y\n", status: 1, complaint: "read-only"},
		{line: tmpfs + "mkdir m/n b; mount -t tmpfs none m/n; touch m/n/deep; mount --rbind m b; ls b/n; umount -R b; ls b", want: "deep\n"},
		{line: tmpfs + "mkdir b; mount --move m b; mountpoint m; mountpoint b", want: "m is not a mountpoint\nb is a mountpoint\n"},
		{line: tmpfs + "mount --make-shared m && mount --make-private m && mount -o rslave m"},
		{line: tmpfs + "cd m; umount .", status: 0},
		{line: tmpfs + "umount m > m/open", status: 1, complaint: "is in use"},
		{line: tmpfs + "umount -l m > m/open && mountpoint m", want: "m is not a mountpoint\n", status: 32},
		{line: tmpfs + "df -k m | tail -n 1 | tr -s ' ' | cut -d ' ' -f 1-5", want: "none 1024 0 1024 0%\n"},
		{line: tmpfs + "mkdir m/a m/b; mount -t tmpfs none m/a; umount -R m && mountpoint -q m", status: 32},
		{line: "umount -R missing", status: 1, complaint: "is not mounted"},
		{line: "mkdir m; umount m", status: 1, complaint: "is not mounted"},
		{line: "umount", status: 2, complaint: "usage: umount"},
		{line: "mkdir m; mount m", status: 2, complaint: "expected SOURCE and FOLDER, got m"},
		{line: "mkdir m; mount -t no-such-fs none m", status: 1, complaint: "this kernel has no filesystem no-such-fs: is its module on the initramfs?"},
		{line: "mkdir m; mount missing m", status: 1, complaint: "no such file"},
		{line: "mkdir m; mount fruit m", status: 1, complaint: "on " + "/"},
		{line: "mount -t tmpfs none missing", status: 1, complaint: "there is no folder "},
		{line: "mkdir m; mount -t tmpfs -o size=nonsense none m", status: 1, complaint: "bad option"},
		{line: tmpfs + "head -c 2M /dev/zero > m/x", status: 1, complaint: "no space left"},
		{line: tmpfs + "cp -r dir m; mv fruit m; mv dir m/moved; cat m/fruit m/moved/in | tail -n 1; ls", want: "inner apple\nbinary\nempty\nfields\nm\nnoeol\nnumbers\n"},
		{line: tmpfs + "head -c 2M /dev/zero > big; mv big m; ls big", want: "big\n", status: 0, complaint: "big stays"},
		{line: tmpfs + "find . -xdev -name m -o -xdev -name 'no*' | sort; touch m/no; find . -xdev -name no", want: "./m\n./noeol\n"},
		{line: "mkfifo -m 600 p; stat -c '%F %a' p; mknod q p; stat -c %F q", want: "fifo 600\nfifo\n"},
		{line: "mknod n c 1", status: 2, complaint: "usage: mknod"},
		{line: "mknod n b x 1", status: 2, complaint: "not the numbers"},
		{line: "hostname inner && hostname", want: "inner\n"},
		{line: "sync"},
	} {
		t.Run(test.line, func(t *testing.T) {
			out, errOut, status := runInside(t, folder(t), "PWD=$(realpath .); "+test.line)
			if test.want == "COUNT" {
				if out == "" || out == "0\n" {
					t.Errorf("no mounts listed: %s", errOut)
				}
				return
			}
			if out != test.want || status != test.status || !strings.Contains(errOut, test.complaint) {
				t.Errorf("got %q, status %d, %q\nwant %q, status %d, %q", out, status, errOut, test.want, test.status, test.complaint)
			}
		})
	}
}

func TestMountTable(t *testing.T) {
	if got := diskTypes("nodev\tsysfs\n\text4\nnodev\ttmpfs\n\tvfat\n"); !reflect.DeepEqual(got, []string{"ext4", "vfat"}) {
		t.Errorf("types on a device: %q", got)
	}
	if got := mergeOptions("rw,relatime", "ro,size=1024k"); got != "rw,relatime,size=1024k" {
		t.Errorf("merged options: %s", got)
	}
}

func TestNodes(t *testing.T) {
	out, errOut, status := runInside(t, folder(t), "mkdir m && mount -t tmpfs none m && mknod -m 640 m/null c 1 3 && stat -c '%F %a' m/null && "+
		"tar cf a -C m null && rm m/null && tar xf a -C m && ls -l m | grep -c '^crw-r----- .* 1, 3 '")
	if out != "character special file 640\n1\n" || status != 0 {
		t.Errorf("%q, status %d: %s", out, status, errOut)
	}
}
