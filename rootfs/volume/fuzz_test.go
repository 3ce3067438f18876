package volume

import (
	"os"
	"path/filepath"
	"testing"

	"bootrc/test/bound"
)

// FuzzMetadata takes any bytes for a volume's file of metadata.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(`{"created":"2026-01-02T03:04:05Z","expiration":"never","labels":{"a":"b"}}`))
	f.Add([]byte(`{"created":"0001-01-01T00:00:00Z","expiration":"pipeline_end"}`))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(filepath.Join(folder, metadataFile), data, 0o600); err != nil {
			t.Fatal(err)
		}
		bound.Input(t, len(data))
		readMetadata(folder)
	})
}

func FuzzArgument(f *testing.F) {
	f.Add("j,mirror=a/b,pull_on=pipeline_start,push_on=changes|pipeline_end,overwrite,exclude=*.o,expiration=pipeline_end,preserve")
	f.Fuzz(func(t *testing.T, text string) {
		bound.Input(t, len(text))
		if a, err := ParseArgument(text); err == nil && checkName(a.Name) != nil {
			t.Errorf("%q becomes a folder", a.Name)
		}
	})
}
