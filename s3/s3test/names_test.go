package s3test_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/s3/s3test"

	"github.com/minio/minio-go/v7"
)

// TestStoreOfLies copies from a store that has what no file can be. What can be a file is
// copied, the rest is named, and nothing is touched outside of the folder.
func TestStoreOfLies(t *testing.T) {
	long := strings.Repeat("n", 256)
	for _, c := range []struct {
		name string
		keys []string // of objects with their own key as content
		want files    // nil where nothing but honest must be there
	}{
		{"upwards", []string{"../evil", "../../evil", "a/../../evil", "..", "a/.."}, nil},
		{"upwards but not out", []string{"a/../b"}, nil},
		{"absolute", []string{"/evil", "//evil", "/tmp/evil"}, nil},
		{"dots", []string{".", "./evil", "a/./evil", "a/."}, nil},
		{"empty parts", []string{"a//evil"}, nil},
		{"zero bytes", []string{"evil\x00", "a\x00/b"}, nil},
		{"too long", []string{long, "a/" + long + "/b"}, nil},
		{"backslashes, which mean nothing", []string{`..\evil`, `a\b`}, files{`..\evil`: `..\evil`, `a\b`: `a\b`}},
		{"not UTF-8", []string{"not UTF-8: \xff\xfe"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			objects := map[string]s3test.LiarObject{"honest": {Content: "honest"}}
			for _, key := range c.keys {
				objects[key] = s3test.LiarObject{Content: key}
			}
			s, outside := lyingStore(t, objects), folder(t)
			if err := os.MkdirAll(filepath.Join(outside, "x/inside"), 0o755); err != nil {
				t.Fatal(err)
			}
			inside := filepath.Join(outside, "x/inside")
			r := s3sync(t, s, "--retry", "1", "--remove", "--overwrite", s.name(), inside)
			want := files{"honest": "honest"}
			for name, content := range c.want {
				want[name] = content
			}
			if c.want == nil {
				r.fails(t)
			} else {
				r.succeeds(t)
			}
			equalFiles(t, r, folderFiles(t, inside), want)
			if tree := readTree(t, outside).Without("x/inside"); len(tree) != 1 {
				t.Errorf("%s: outside of the folder are %v\n%s", r.Command, tree, r.Out)
			}
		})
	}
}

// TestLyingMetadata has metadata that would do harm, or that means nothing.
func TestLyingMetadata(t *testing.T) {
	for _, c := range []struct {
		name string
		meta map[string]string
	}{
		{"no number", map[string]string{"Mc-Attrs": "mode:zz/uid:x/gid:/mtime:yesterday"}},
		{"numbers too large", map[string]string{"Mc-Attrs": "mode:99999999999999999999/uid:-1/gid:99999999999/mtime:9999999999999999999#9999999999"}},
		{"nothing but signs", map[string]string{"Mc-Attrs": "////::::////"}},
		{"a device", map[string]string{"Mc-Attrs": "mode:8630/uid:0/gid:0/mtime:1000000000#0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := lyingStore(t, map[string]s3test.LiarObject{"file": {Content: "content", Meta: c.meta}})
			dir := folder(t)
			r := s3sync(t, s, "--preserve", s.name(), dir)
			if strings.Contains(r.Out, "panic") {
				t.Errorf("%s", r.Out)
			}
			equalFiles(t, r, folderFiles(t, dir), files{"file": "content"})
		})
	}
}

// TestPlantedLinks has a symbolic link on the way to where an object would go. It is
// replaced, or the object is named and left out, but the link is not followed.
func TestPlantedLinks(t *testing.T) {
	for _, c := range []struct {
		name  string
		links []s3test.Object // %s is a folder outside
		keys  []string
	}{
		{"a folder that is a link", []s3test.Object{{Name: "a", Link: "%s"}}, []string{"a/evil"}},
		{"a folder further up", []s3test.Object{{Name: "a", Link: "%s"}}, []string{"a/b/c/evil"}},
		{"a relative link upwards", []s3test.Object{{Name: "a", Link: "../../.."}}, []string{"a/evil"}},
		{"a file that is a link", []s3test.Object{{Name: "a", Link: "%s/victim"}}, []string{"a"}},
		{"a dangling link", []s3test.Object{{Name: "a", Link: "%s/evil"}}, []string{"a"}},
		{"a loop", []s3test.Object{{Name: "a", Link: "a"}}, []string{"a/evil"}},
	} {
		for _, options := range []string{"", "--overwrite", "--overwrite --remove", "--overwrite --remove --preserve"} {
			t.Run(c.name+" "+options, func(t *testing.T) {
				objects := make(map[string]s3test.LiarObject)
				for _, key := range c.keys {
					objects[key] = s3test.LiarObject{Content: "evil"}
				}
				s, outside := lyingStore(t, objects), folder(t, s3test.Object{Name: "victim", Content: "good"})
				links := append([]s3test.Object(nil), c.links...)
				for i := range links {
					links[i].Link = strings.ReplaceAll(links[i].Link, "%s", outside)
				}
				dir := folder(t, links...)
				r := s3sync(t, s, append(strings.Fields(options), s.name(), dir)...)
				equalFiles(t, r, folderFiles(t, outside), files{"victim": "good"})
				copied := folderFiles(t, dir)
				for _, key := range c.keys {
					if copied[key] != "evil" && !strings.Contains(r.Out, "kept") {
						r.fails(t, key)
					}
				}
			})
		}
	}
}

// TestPlantedLinkInStore has a link in the store, and objects that pretend to be below it.
func TestPlantedLinkInStore(t *testing.T) {
	s := newStore(t, s3test.MinIO)
	outside := folder(t)
	s3sync(t, s, "--preserve", folder(t, s3test.Object{Name: "a", Link: outside}), s.name()).succeeds(t)
	meta, err := s.client.StatObject(t.Context(), s.Bucket, "a", minio.StatObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	lies := lyingStore(t, map[string]s3test.LiarObject{
		"a": {Meta: meta.UserMetadata}, "a/evil": {Content: "evil"}, "b": {Content: "honest"},
	})
	for range 2 {
		dir := folder(t)
		r := s3sync(t, lies, "--preserve", "--overwrite", "--remove", lies.name(), dir).fails(t, "a")
		equalFiles(t, r, folderFiles(t, outside), files{})
		if got := folderFiles(t, dir)["b"]; got != "honest" {
			t.Errorf("b is %q\n%s", got, r.Out)
		}
	}
}

// TestFileAndFolder has two keys, one of them the other's folder: only one can become a
// file.
func TestFileAndFolder(t *testing.T) {
	s := lyingStore(t, map[string]s3test.LiarObject{"a": {Content: "file"}, "a/b": {Content: "below"}, "c": {Content: "c"}})
	dir := folder(t)
	for range 2 { // the second time must not choose the other
		r := s3sync(t, s, "--overwrite", "--remove", s.name(), dir).fails(t, "a")
		if got := folderFiles(t, dir); got["c"] != "c" || len(got) != 2 {
			t.Errorf("there are %q\n%s", got, r.Out)
		}
	}
}

func lyingStore(t *testing.T, objects map[string]s3test.LiarObject) *store {
	t.Helper()
	liar := s3test.NewLiar(objects)
	t.Cleanup(liar.Close)
	return &store{URL: liar.URL, Bucket: s3test.LiarBucket}
}
