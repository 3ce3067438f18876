package folder

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What goes, or becomes something else, while a tree is listed is no error: unless it is the
// uppermost folder, which is not empty then.
func TestListVanishing(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"removed": os.RemoveAll,
		"a file": func(path string) error {
			os.RemoveAll(path)
			return os.WriteFile(path, nil, 0o644)
		},
		"a link": func(path string) error {
			os.RemoveAll(path)
			return os.Symlink("a", path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t)
			for _, dir := range []string{"a", "b/c", "d"} {
				if err := os.MkdirAll(filepath.Join(f.Path, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for e, err := range f.List(t.Context(), "", true) {
				if err != nil {
					t.Errorf("%v", err)
				}
				if got = append(got, e.Name); e.Name == "a/" {
					if err := change(filepath.Join(f.Path, "b")); err != nil {
						t.Fatal(err)
					}
				}
			}
			if want := []string{"", "a/", "d/"}; !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
	t.Run("the folder itself", func(t *testing.T) {
		f := open(t)
		if err := os.Remove(f.Path); err != nil {
			t.Fatal(err)
		}
		var last error
		for _, err := range f.List(t.Context(), "", true) {
			last = err
		}
		if last == nil {
			t.Error("a folder that is gone looks empty: all that it had would be removed elsewhere")
		}
	})
}
