package s3test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// An Object is one entry to make in a folder.
type Object struct {
	Name    string // its path below the folder; folders above are made
	Content string // of a file
	Size    int64  // of a file; what its content does not fill is a hole
	Link    string // target of a symbolic link
	Same    string // name of the file that this is another name of
	Type    uint32 // unix.S_IFDIR, S_IFIFO, S_IFSOCK …; 0 is what the other fields say

	Mode       uint32
	User       int
	Group      int
	Time       time.Time
	Attributes map[string]string
}

// Make makes the objects below root, in their order, and then gives them their metadata,
// so that a folder's time is not that of its last entry.
func Make(root string, objects ...Object) error {
	for _, o := range objects {
		if err := o.create(root); err != nil {
			return fmt.Errorf("make %q: %w", o.Name, err)
		}
	}
	for i := len(objects) - 1; i >= 0; i-- {
		if err := objects[i].dress(root); err != nil {
			return fmt.Errorf("make %q: %w", objects[i].Name, err)
		}
	}
	return nil
}

func (o Object) create(root string) error {
	path := filepath.Join(root, o.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	switch {
	case o.Link != "":
		return os.Symlink(o.Link, path)
	case o.Same != "":
		return os.Link(filepath.Join(root, o.Same), path)
	case o.Type == unix.S_IFDIR:
		return os.MkdirAll(path, 0o755)
	case o.Type != 0:
		return unix.Mknod(path, o.Type|0o644, 0)
	}
	if err := os.WriteFile(path, []byte(o.Content), 0o644); err != nil {
		return err
	}
	return os.Truncate(path, max(o.Size, int64(len(o.Content))))
}

func (o Object) dress(root string) error {
	path := filepath.Join(root, o.Name)
	if err := os.Lchown(path, o.User, o.Group); err != nil {
		return err
	}
	for name, value := range o.Attributes {
		if err := unix.Lsetxattr(path, name, []byte(value), 0); err != nil {
			return fmt.Errorf("attribute %s: %w", name, err)
		}
	}
	if o.Mode != 0 && o.Link == "" {
		if err := unix.Chmod(path, o.Mode); err != nil {
			return err
		}
	}
	if o.Time.IsZero() {
		return nil
	}
	at := unix.NsecToTimespec(o.Time.UnixNano())
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
}

// Noise is content of so many bytes that no store can compress, the same for the same
// seed.
func Noise(seed uint64, size int) string {
	content := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24)}).Read(content)
	return string(content)
}

// Many are n small files of this size in folders of a hundred.
func Many(n, size int) (objects []Object) {
	for i := range n {
		name := fmt.Sprintf("folder-%03d/file-%05d", i/100, i)
		objects = append(objects, Object{Name: name, Content: Noise(uint64(i), size)})
	}
	return objects
}

// when is a time that only nanoseconds can hold.
func when(n int) time.Time { return time.Unix(1_000_000_000+int64(n), 123_456_789) }

// HostileNames are files whose names are hard to carry through a URL, an XML
// document, a shell or a listing, but which both servers can hold.
func HostileNames() (objects []Object) {
	names := []string{
		"with space", " leading", "trailing ", "two  spaces", "tab\there", "line\nbreak", "return\rhere",
		"ünïcödé", "日本語", "e\u0301 is not é", "emoji 🥾", "right to left \u202e",
		"100%", "%2F", "%41", "%", "a+b", "a b+c%20d", "-rf", "--remove", "~", "~root", "#fragment", "a?query=1&b=2",
		"semi;colon", "co:lon", "quote'", `double"quote`, "<xml>&amp;", "back\\slash", "*", "[a-z]", "{a,b}", "$HOME", "`id`", "|", "^", "!", "@", "=", ",",
		"...", "..hidden", "a..b", "dot.", ".hidden",
		// a file could have 255 bytes, but MinIO adds to a folder's name
		strings.Repeat("n", 240), strings.Repeat("é", 120),
	}
	for i, name := range names {
		objects = append(objects,
			Object{Name: "names/" + name, Content: fmt.Sprintf("content %d", i), Time: when(i)},
			Object{Name: "folders/" + name + "/inside", Content: name, Time: when(i)})
	}
	deep := strings.Repeat("deep/", 100)
	return append(objects, Object{Name: deep + "down", Content: "deep", Time: when(99)})
}

// Preserved are entries of all kinds that --preserve preserves, with all of their metadata.
func Preserved() []Object {
	return []Object{
		{Name: "empty folder", Type: unix.S_IFDIR, Mode: 0o1777, Time: when(1)},
		{Name: "nested/empty/folder", Type: unix.S_IFDIR, Mode: 0o711, User: 1, Group: 2, Time: when(2)},
		{Name: "nested", Type: unix.S_IFDIR, Mode: 0o2750, User: 1000, Group: 1000, Time: when(3),
			Attributes: map[string]string{"user.folder": "yes"}},
		{Name: "empty file", Mode: 0o600, Time: when(4)},
		{Name: "su", Content: "su", Mode: 0o4755, Time: when(5)},
		{Name: "unreadable", Content: "secret", Mode: 0o000, User: 1000, Group: 0, Time: when(6)},
		{Name: "owned", Content: "x", Mode: 0o640, User: 65534, Group: 4294967294, Time: when(7)},
		{Name: "old", Content: "old", Mode: 0o644, Time: time.Unix(-1, 999_999_999)},
		{Name: "future", Content: "future", Mode: 0o644, Time: time.Unix(4_102_444_800, 1)},
		{Name: "attributes", Content: "x", Mode: 0o644, Time: when(8), Attributes: map[string]string{
			"user.text": "größe", "user.empty": "", "user.binary": "\x00\x01\xff\n", "user.long": strings.Repeat("v", 400),
			"security.capability": "\x01\x00\x00\x02\x00\x20" + strings.Repeat("\x00", 14)}},
		{Name: "one", Content: "linked", Mode: 0o644, Time: when(9)},
		{Name: "other folder/two", Same: "one", Mode: 0o644, Time: when(9)},
		{Name: "other folder/three", Same: "one", Mode: 0o644, Time: when(9)},
		{Name: "links/dangling", Link: "nowhere", Time: when(10)},
		{Name: "links/looping", Link: "looping", Time: when(11)},
		{Name: "links/absolute", Link: "/etc/passwd", Time: when(12)},
		{Name: "links/upwards", Link: "../../../../../etc/passwd", Time: when(13)},
		{Name: "links/folder", Link: "../nested", Time: when(14)},
		{Name: "links/owned", Link: "../su", User: 7, Group: 8, Time: when(15)},
		{Name: "links/strange", Link: "a b\nc%2F+日本", Time: when(16)},
		{Name: "links", Type: unix.S_IFDIR, Mode: 0o755, Time: when(17)},
		{Name: "other folder", Type: unix.S_IFDIR, Mode: 0o755, Time: when(18)},
		{Name: "sparse", Content: "start", Size: 20 << 20, Mode: 0o644, Time: when(19)},
	}
}

// Irregular are entries that no store holds.
func Irregular() []Object {
	return []Object{
		{Name: "irregular/fifo", Type: unix.S_IFIFO},
		{Name: "irregular/socket", Type: unix.S_IFSOCK},
		{Name: "irregular/null", Type: unix.S_IFCHR},
	}
}
