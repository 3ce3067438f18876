package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestAddTrees(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a.dtb", "vendor/b.dtb", "vendor/README", "empty/README"} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		path  string
		trees []string // nil: an error
	}{
		{"", []string{"a.dtb", "vendor/b.dtb"}}, {"vendor", []string{"vendor/b.dtb"}}, {"a.dtb", []string{"a.dtb"}},
		{"empty", nil}, {"none.dtb", nil},
	} {
		var o options
		err := o.addTrees(filepath.Join(folder, tt.path))
		var want []string
		for _, name := range tt.trees {
			want = append(want, filepath.Join(folder, name))
		}
		if !slices.Equal(o.trees, want) || (err == nil) != (want != nil) {
			t.Errorf("%q: %v, %v, want %v", tt.path, o.trees, err, want)
		}
	}
}
