package s3test_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootrc/kit/inside/insidetest"
	"bootrc/s3/s3test"

	"golang.org/x/sys/unix"
)

// TestSwapped has another process exchange a folder with a link to one that is not to be
// touched, again and again, while s3sync works there: nothing behind the link changes, and
// nothing of it goes up.
func TestSwapped(t *testing.T) {
	at := time.Unix(1_111_111_111, 0)
	dressed := func(change int) (objects []s3test.Object) {
		for i := range 60 {
			objects = append(objects, s3test.Object{Name: "d/e/" + string(rune('A'+i)), Content: strings.Repeat("x", change+1), Mode: 0o640 ^ uint32(change&1), User: 1 + change, Group: 2,
				Time: at.Add(time.Duration(change) * time.Hour), Attributes: map[string]string{"user.a": strings.Repeat("v", change+1)}})
		}
		return append(objects, s3test.Object{Name: "d/e", Type: unix.S_IFDIR, Mode: 0o750, User: 3 + change, Group: 4, Time: at})
	}
	s := newStore(t, s3test.MinIO)
	var victims []s3test.Object
	for _, o := range dressed(0) {
		victims = append(victims, s3test.Object{Name: strings.TrimPrefix(o.Name, "d/"), Type: o.Type, Content: "secret", Mode: 0o700, User: 77, Group: 77, Time: at})
	}
	outside := folder(t, victims...)
	want := readTree(t, outside)
	dir := folder(t, append(dressed(0), s3test.Object{Name: ".link", Link: outside})...)
	stop, swaps := insidetest.Swap(t, filepath.Join(dir, "d"), filepath.Join(dir, ".link"))
	for change := 1; change < 4; change++ {
		s3sync(t, s, "--preserve", "--overwrite", folder(t, dressed(change)...), s.name()).succeeds(t)
		before := swaps()
		down := s3sync(t, s, "--preserve", "--overwrite", "--exclude", ".link*", s.name(), dir)
		s3sync(t, s, "--preserve", "--overwrite", "--exclude", ".link*", dir, s.name()+"/back")
		s3sync(t, s, "--overwrite", "--exclude", ".link*", dir, s.name()+"/back2") // which follows links in the folder
		if swaps() == before {
			t.Error("nothing was exchanged meanwhile")
		}
		equal(t, want, readTree(t, outside), s3test.Everything)
		if t.Failed() {
			t.Fatal(down.Out)
		}
	}
	stop()
	for name, content := range s.files(t, "") {
		if content == "secret" {
			t.Errorf("%q went up", name)
		}
	}
}
