package store

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// An entry of a tar-split is in memory as a whole; there may be many of them.
func TestTarSplitEntries(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"many":     {strings.Repeat(`{"payload":"`+strings.Repeat("A", 1<<20)+`"}`+"\n", 8) + `{"name":".wh.a"}`, "[.wh.a] <nil>"},
		"too long": {`{"payload":"` + strings.Repeat("A", maxEntry) + `"}`, "[] an entry has more than the 4194304 bytes allowed"},
	} {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write([]byte(tt.text))
		w.Close()
		names, err := readNames(&packed, isWhiteout)
		if got := fmt.Sprint(names, err); got != tt.want {
			t.Errorf("%s: got %.100s, want %s", name, got, tt.want)
		}
	}
}

// What marks a deleted file looks like one itself over SMB, but not what takes its place in the same layer.
func TestMarksAsFiles(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{"mark", "folder/mark", "own", "folder/.opq"} {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mknod(filepath.Join(dir, "device"), unix.S_IFCHR, 0); err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	whiteouts := []string{".wh.mark", "folder/.wh.mark", "folder/.wh..wh..opq", ".wh.own", ".wh.device", ".wh.absent", "../.wh.outside"}
	for _, name := range append(whiteouts, "/own", "./folder/") {
		fmt.Fprintf(w, `{"type":1,"name":%q}`+"\n", name)
	}
	w.Close()
	split := filepath.Join(t.TempDir(), "tar-split.gz")
	if err := os.WriteFile(split, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := marksAsFiles(dir, split, whiteouts)
	slices.Sort(got)
	if want := []string{".wh.mark", "folder/.wh.mark"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
