package tree

import (
	"testing"

	"bootrc/test/bound"
)

// FuzzMetadata takes any text for what a server says of an object.
func FuzzMetadata(f *testing.F) {
	f.Add("1700000000.5", "atime:1#2/gid:0/mode:33188/mtime:1700000000#5/uid:0", "user.note=eA==", "%2Fetc%2Fpasswd", "")
	f.Add("99999999999999999999", "mode:0xffffffff/uid:4294967295/gid:-1", "=,=,%", "%", "..")
	f.Fuzz(func(t *testing.T, mtime, attrs, xattrs, link, hardLink string) {
		bound.Input(t, len(mtime)+len(attrs)+len(xattrs)+len(link)+len(hardLink))
		e := Entry{Name: "a"}
		e.SetMetadata(map[string]string{
			"X-Amz-Meta-Mtime": mtime, "mc-attrs": attrs, xattrsKey: xattrs, linkKey: link, hardLinkKey: hardLink,
		})
		a := e.Attributes
		if a.Owned && (a.UID < 0 || a.GID < 0 || uint32(a.UID) == 1<<32-1) {
			t.Errorf("owner %d:%d", a.UID, a.GID)
		}
		if m, err := e.Metadata(); err == nil {
			again := Entry{Name: "a"}
			again.SetMetadata(m)
			if again.Kind != e.Kind || again.Attributes.Target != a.Target {
				t.Errorf("%+v becomes %+v", e, again)
			}
		}
	})
}
