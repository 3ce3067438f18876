package mirror

import (
	"testing"
	"time"

	"bootrc/s3/tree"
)

func TestFilter(t *testing.T) {
	day := func(n int) time.Time { return time.Unix(int64(n)*86400, 0) }
	file := func(name string, mtime int) *tree.Entry {
		return &tree.Entry{Name: name, Known: true, Attributes: tree.Attributes{Mtime: day(mtime)}}
	}
	// an object as a listing shows it: changed at an unknown time before its upload
	object := func(stored int) *tree.Entry { return &tree.Entry{Name: "o", Modified: day(stored)} }
	foreign := func(stored int) *tree.Entry { return &tree.Entry{Name: "o", Known: true, Modified: day(stored)} }
	for _, tt := range []struct {
		name   string
		filter Filter
		entry  *tree.Entry
		want   answer
	}{
		{"everything", Filter{}, file("a", 1), yes},
		{"nothing", Filter{Exclude: []string{"*"}}, nil, yes},
		{"excluded", Filter{Exclude: []string{"b", "a"}}, file("a", 1), no},
		{"excluded though included", Filter{Exclude: []string{"*.x"}, Include: []string{"a*"}}, file("a.x", 1), no},
		{"included", Filter{Include: []string{"a*"}}, file("d/a", 1), no},
		{"a folder on the way", Filter{Include: []string{"d/a*"}}, &tree.Entry{Name: "d/", Kind: tree.Folder}, yes},
		{"newer", Filter{NewerThan: day(5)}, file("a", 6), yes},
		{"not newer", Filter{NewerThan: day(5)}, file("a", 5), no},
		{"older", Filter{OlderThan: day(5)}, file("a", 4), yes},
		{"not older", Filter{OlderThan: day(5)}, file("a", 5), no},
		{"between", Filter{NewerThan: day(3), OlderThan: day(5)}, file("a", 4), yes},
		{"stored before, so changed before", Filter{NewerThan: day(5)}, object(4), no},
		{"stored later, changed whenever", Filter{NewerThan: day(5)}, object(6), perhaps},
		{"stored before, so older", Filter{OlderThan: day(5)}, object(4), yes},
		{"stored later, perhaps older", Filter{OlderThan: day(5)}, object(6), perhaps},
		{"nobody recorded a time", Filter{OlderThan: day(5)}, foreign(6), no},
	} {
		if got := tt.filter.admits(tt.entry); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
