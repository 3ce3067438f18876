package inside

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"bootrc/kit/inside/insidetest"

	"golang.org/x/sys/unix"
)

// original makes a folder with one of everything.
func original(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.MkdirAll(dir+"/sub/deep", 0o755))
	must(t, os.WriteFile(dir+"/sub/file", []byte("content"), 0o640))
	must(t, os.Link(dir+"/sub/file", dir+"/sub/deep/name"))
	must(t, os.Symlink("/nowhere", dir+"/link"))
	must(t, unix.Mkfifo(dir+"/fifo", 0o620))
	must(t, unix.Mknod(dir+"/null", unix.S_IFCHR|0o606, int(unix.Mkdev(1, 3))))
	holes, err := os.Create(dir + "/holes")
	must(t, err)
	for _, at := range []int64{1 << 20, 3 << 20} {
		_, err = holes.WriteAt([]byte("data"), at)
		must(t, err)
	}
	must(t, holes.Truncate(8<<20))
	must(t, holes.Close())
	must(t, os.WriteFile(dir+"/program", nil, 0o755))
	must(t, os.Chown(dir+"/program", 7, 8))
	must(t, os.Chmod(dir+"/program", 0o755|os.ModeSetuid))
	must(t, unix.Setxattr(dir+"/program", "security.capability", []byte("\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), 0))
	must(t, unix.Setxattr(dir+"/sub", "user.of", []byte("a folder"), 0))
	must(t, os.Lchown(dir+"/link", 9, 9))
	must(t, os.Chmod(dir, 0o751))
	for _, name := range []string{"sub/file", "sub/deep", "sub", "."} {
		at := time.Unix(1_111_111_111, 222_222_222)
		must(t, os.Chtimes(filepath.Join(dir, name), at, at))
	}
	return dir
}

// describe is what GNU tools see of a tree.
func describe(t *testing.T, dir string) string {
	t.Helper()
	const script = `find . -printf '%P %y %m %U %G %n %l %T@\n' | sort
		find . -type c -exec stat -c '%n %t,%T' {} +
		find . -type f | sort | xargs sha256sum
		[ $(du -k holes | cut -f 1) -lt 100 ] && echo holes`
	c := exec.Command("sh", "-ec", script)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func open(t *testing.T, dir string) *os.File {
	t.Helper()
	f, err := os.OpenFile(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func TestCopy(t *testing.T) {
	from, to := original(t), t.TempDir()
	must(t, Copy(open(t, from), open(t, to)))
	if got, want := describe(t, to), describe(t, from); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for name, attribute := range map[string]string{"program": "security.capability", "sub": "user.of"} {
		var got, want [100]byte
		n, err := unix.Getxattr(filepath.Join(to, name), attribute, got[:])
		m, _ := unix.Getxattr(filepath.Join(from, name), attribute, want[:])
		if err != nil || n != m || got != want {
			t.Errorf("%s of %s: got %q, %v; want %q", attribute, name, got[:n], err, want[:m])
		}
	}
}

// What is there already stays.
func TestCopyBesideOthers(t *testing.T) {
	from, to := original(t), t.TempDir()
	must(t, os.Symlink("/somewhere", to+"/sub"))
	must(t, os.WriteFile(to+"/holes", []byte("mine"), 0o600))
	must(t, Copy(open(t, from), open(t, to)))
	link, _ := os.Readlink(to + "/sub")
	mine, _ := os.ReadFile(to + "/holes")
	program, err := os.Lstat(to + "/program")
	if link != "/somewhere" || string(mine) != "mine" || err != nil || program.Mode() != 0o755|os.ModeSetuid {
		t.Errorf("got %q, %q, %v, %v", link, mine, program, err)
	}
}

// While a tree is worked on, somebody puts a link to another in the place of a folder, and
// the folder back, again and again: nothing happens to the other.
func TestSwappedFolder(t *testing.T) {
	const files = 60
	fill := func(dir string) {
		must(t, os.MkdirAll(dir, 0o755))
		for i := range files {
			must(t, os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), nil, 0o644))
		}
	}
	source := t.TempDir()
	fill(source + "/d/e")
	for name, work := range map[string]func(tree string) error{
		"copy into": func(tree string) error {
			remove(tree + "/d")
			return Copy(open(t, source), open(t, tree))
		},
		"copy from": func(tree string) error { return Copy(open(t, tree), open(t, t.TempDir())) },
		"walk": func(tree string) error {
			return Walk(open(t, tree), func(e Entry) error {
				return unix.Fchownat(int(e.Folder.Fd()), e.Name, 1234, 1234, unix.AT_SYMLINK_NOFOLLOW)
			})
		},
		"remove": RemoveAll,
	} {
		t.Run(name, func(t *testing.T) {
			outside, dir := t.TempDir(), t.TempDir()
			fill(outside + "/e")
			before := describeOutside(t, outside)
			tree, link := dir+"/tree", dir+"/link"
			stop, swaps := insidetest.Swap(t, tree+"/d", link)
			for swaps() < 100 {
				// a new tree each time, which is whole when its name can be swapped
				remove(tree)
				remove(link)
				must(t, os.Symlink(outside, link))
				fill(dir + "/new/d/e")
				must(t, os.Rename(dir+"/new", tree))
				if err := work(tree); err != nil && !isGone(err) && !errors.Is(err, unix.ENOTEMPTY) {
					t.Fatal(err)
				}
			}
			stop()
			if after := describeOutside(t, outside); after != before {
				t.Errorf("outside, there was\n%s\nand is\n%s", before, after)
			}
		})
	}
}

// remove removes what is exchanged meanwhile.
func remove(name string) {
	for os.RemoveAll(name) != nil {
	}
}

func describeOutside(t *testing.T, dir string) string {
	t.Helper()
	c := exec.Command("find", ".", "-printf", "%P %y %m %U %G\n")
	c.Dir = dir
	out, err := c.CombinedOutput()
	must(t, err)
	return string(out)
}

// Folders that lie deeper in each other than files can be open are removed.
func TestDeepTree(t *testing.T) {
	var limit unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	low := limit
	low.Cur = 200
	must(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &low))
	defer unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
	dir := t.TempDir()
	fd, err := unix.Open(dir, unix.O_PATH, 0)
	must(t, err)
	for range 2000 {
		must(t, unix.Mkdirat(fd, "folder", 0o755))
		file, err := unix.Openat(fd, "file", unix.O_CREAT|unix.O_WRONLY, 0o644)
		must(t, err)
		unix.Close(file)
		next, err := unix.Openat(fd, "folder", unix.O_PATH, 0)
		must(t, err)
		unix.Close(fd)
		fd = next
	}
	unix.Close(fd)
	must(t, RemoveAll(dir+"/folder"))
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left are %v, %v", entries, err)
	}
}

// What cannot be removed stays, alone, and nothing that is mounted is touched.
func TestRemoveAll(t *testing.T) {
	dir, mounted := t.TempDir(), t.TempDir()
	must(t, os.WriteFile(mounted+"/file", nil, 0o644))
	for _, name := range []string{"x/a/b", "x/mounted", "x/z"} {
		must(t, os.MkdirAll(filepath.Join(dir, name), 0o755))
	}
	for i := range 3 * atOnce {
		must(t, os.WriteFile(filepath.Join(dir, "x/a/b", strings.Repeat("f", i/100+1)+string(rune(0x4e00+i))), nil, 0o644))
	}
	must(t, unix.Mount(mounted, dir+"/x/mounted", "", unix.MS_BIND, ""))
	defer unix.Unmount(dir+"/x/mounted", unix.MNT_DETACH)
	err := RemoveAll(dir + "/x")
	if err == nil || !strings.Contains(err.Error(), "x/mounted") {
		t.Errorf("got %v", err)
	}
	if entries, err := os.ReadDir(dir + "/x"); err != nil || len(entries) != 1 {
		t.Errorf("left are %v, %v", entries, err)
	}
	if _, err := os.Stat(mounted + "/file"); err != nil {
		t.Error(err)
	}
	must(t, RemoveAll(dir+"/nowhere"))
	must(t, RemoveAll(dir+"/no/where"))
}

func TestUsage(t *testing.T) {
	dir := original(t)
	out, err := exec.Command("du", "-s", "-B", "512", dir).Output()
	must(t, err)
	bytes, files := Usage(dir)
	if got, want := bytes/512, strings.Fields(string(out))[0]; want != strconv.FormatInt(got, 10) {
		t.Errorf("got %d blocks, du says %s", got, want)
	}
	out, err = exec.Command("du", "-s", "--inodes", dir).Output()
	must(t, err)
	if want := strings.Fields(string(out))[0]; want != strconv.FormatInt(files, 10) {
		t.Errorf("got %d files, du says %s", files, want)
	}
}
