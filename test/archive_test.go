package test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cavaliergopher/cpio"
)

func TestStack(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"hooks/35-wifi.sh":  "#!/bin/sh\necho hi\n",
		"hooks/40-plain.sh": "echo plain\n",
		"root/user/job.env": "A=b\n",
		"other/not-there":   "x",
	})
	for size := range 5 {
		base := strings.Repeat("B", size)
		writeFiles(t, dir, map[string]string{"base": base})
		var out bytes.Buffer
		err := stack(&out, filepath.Join(dir, "base"),
			tree{filepath.Join(dir, "root"), ""}, tree{filepath.Join(dir, "hooks"), "hooks"},
			tree{filepath.Join(dir, "absent"), "absent"})
		if err != nil {
			t.Fatal(err)
		}
		second, ok := bytes.CutPrefix(out.Bytes(), []byte(base+strings.Repeat("\x00", (4-size)%4&3)))
		if !ok || (out.Len()-len(second))%4 != 0 {
			t.Errorf("after %d bytes the second archive begins at %d", size, out.Len()-len(second))
		}
		want := strings.Join([]string{
			`40755 user ""`, `100644 user/job.env "A=b\n"`,
			`40755 hooks ""`, `100755 hooks/35-wifi.sh "#!/bin/sh\necho hi\n"`, `100644 hooks/40-plain.sh "echo plain\n"`,
		}, "\n")
		if got := listing(t, second); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestStackNeedsItsBase(t *testing.T) {
	err := stack(io.Discard, filepath.Join(t.TempDir(), "base"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// listing returns the mode, name and content of each file of an archive.
func listing(t *testing.T, archive []byte) string {
	t.Helper()
	var lines []string
	for r := cpio.NewReader(bytes.NewReader(archive)); ; {
		header, err := r.Next()
		if err == io.EOF {
			return strings.Join(lines, "\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%o %s %q", header.Mode, header.Name, data))
	}
}

// writeFiles writes files below dir.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
