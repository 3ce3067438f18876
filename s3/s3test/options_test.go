package s3test_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/s3/s3test"
)

// files is content by name.
type files map[string]string

// String is how a test names them: by the beginning of each.
func (f files) String() string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		words = append(words, fmt.Sprintf("%q: %.30q (%d)", name, f[name], len(f[name])))
	}
	return strings.Join(words, ", ")
}

// day0 is when files of the tests were written that do not say otherwise.
var day0 = time.Now().Add(-240 * time.Hour).Truncate(time.Second)

// objects are these files, so many days after day0.
func (f files) objects(days int) (objects []s3test.Object) {
	for name, content := range f {
		objects = append(objects, s3test.Object{Name: name, Content: content, Mode: 0o644, Time: day0.AddDate(0, 0, days)})
	}
	return objects
}

// TestOptions has each option copy between a folder and a bucket, both ways.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name                string
		options             string
		source, destination files
		later               files // of the source, written on the fifth day
		want                files
		says                string
	}{
		{name: "what is missing is copied",
			source: files{"a": "1", "b/c": "2"}, want: files{"a": "1", "b/c": "2"}},
		{name: "what differs stays", source: files{"a": "new", "b": "2"}, destination: files{"a": "older"},
			want: files{"a": "older", "b": "2"}, says: "--overwrite"},
		{name: "what differs is overwritten", options: "--overwrite",
			source: files{"a": "new"}, destination: files{"a": "older"}, want: files{"a": "new"}},
		{name: "the same size at a later time differs", options: "--overwrite",
			later: files{"a": "new"}, destination: files{"a": "old"}, want: files{"a": "new"}},
		{name: "the same size and time with another checksum differs", options: "--overwrite --checksum",
			source: files{"a": "new", "b": "same"}, destination: files{"a": "old", "b": "same"}, want: files{"a": "new", "b": "same"}},
		{name: "what the source lacks stays",
			source: files{"a": "1"}, destination: files{"b/c": "2"}, want: files{"a": "1", "b/c": "2"}},
		{name: "what the source lacks is removed", options: "--remove",
			source: files{"a": "1"}, destination: files{"b/c": "2", "d": "3"}, want: files{"a": "1"}},
		{name: "an empty source removes everything", options: "--remove",
			destination: files{"b/c": "2", "d": "3"}, want: files{}},
		{name: "what is excluded is not copied", options: "--exclude *.log --exclude cache/*",
			source: files{"a": "1", "a.log": "2", "b/c.log": "3", "cache/d": "4", "my cache/e": "5"},
			want:   files{"a": "1", "my cache/e": "5"}},
		{name: "nor removed", options: "--remove --exclude *.log",
			source: files{"a": "1"}, destination: files{"b.log": "2", "c": "3"}, want: files{"a": "1", "b.log": "2"}},
		{name: "only what is included is copied", options: "--include *.txt",
			source: files{"a.txt": "1", "b/c.txt": "2", "b/d": "3"}, want: files{"a.txt": "1", "b/c.txt": "2"}},
		{name: "what is empty excludes and includes nothing", options: "--exclude= --include= --encrypt-key= --exclude=",
			source: files{"a": "1", "b/c": "2"}, want: files{"a": "1", "b/c": "2"}},
		{name: "a dry run changes nothing", options: "--dry-run --overwrite --remove",
			source: files{"a": "1", "b": "22"}, destination: files{"b": "2", "c": "3"}, want: files{"b": "2", "c": "3"}, says: "c"},
		{name: "newer than", options: "--newer-than 8d",
			source: files{"old": "1"}, later: files{"new": "2"}, want: files{"new": "2"}},
		{name: "older than", options: "--older-than 8d",
			source: files{"old": "1"}, later: files{"new": "2"}, want: files{"old": "1"}},
		{name: "one request at a time", options: "--concurrency 1",
			source: files{"a": "1", "b": "2", "c": "3"}, want: files{"a": "1", "b": "2", "c": "3"}},
		{name: "a file where the source has a folder", options: "--overwrite --remove",
			source: files{"a/b": "1"}, destination: files{"a": "2"}, want: files{"a/b": "1"}},
		{name: "a folder where the source has a file", options: "--overwrite --remove",
			source: files{"a": "1"}, destination: files{"a/b": "2", "a/c/d": "3"}, want: files{"a": "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := folder(t, append(c.source.objects(0), c.later.objects(5)...)...)
			destination := folder(t, c.destination.objects(0)...)
			check := func(t *testing.T, r result, got files) {
				t.Helper()
				r.succeeds(t).says(t, c.says)
				if !maps.Equal(got, c.want) {
					t.Errorf("%s: %q, want %q\n%s", r.Command, got, c.want, r.Out)
				}
			}
			onEach(t, func(t *testing.T, s *store) {
				s3sync(t, s, destination, s.name()+"/up").succeeds(t)
				s3sync(t, s, source, s.name()+"/source").succeeds(t)
				// a folder of its own for each server
				down := folder(t, c.destination.objects(0)...)

				options := strings.Fields(c.options)
				check(t, s3sync(t, s, append(options, source, s.name()+"/up")...), s.files(t, "up/"))
				check(t, s3sync(t, s, append(options, s.name()+"/source", down)...), folderFiles(t, down))
			})
		})
	}
}

// files are the objects below a prefix, as any other program reads them.
func (s *store) files(t *testing.T, prefix string) files {
	t.Helper()
	got := make(files)
	for _, key := range s.keys(t) {
		if name, ok := strings.CutPrefix(key, prefix); ok && !strings.HasSuffix(name, "/") {
			got[name] = s.get(t, key)
		}
	}
	return got
}

// folderFiles are the files in a folder.
func folderFiles(t *testing.T, dir string) files {
	t.Helper()
	got := make(files)
	for name, e := range readTree(t, dir) {
		if e.Type != "file" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got[name] = string(content)
	}
	return got
}
