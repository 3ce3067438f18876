package lastboot

import (
	"os"
	"path/filepath"
	"testing"

	"bootrc/test/bound"
)

// FuzzRecord takes any bytes for what firmware and a kernel that died have left, and for
// a diary.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("Panic#1 Part1\n<0>[    9.1] Kernel panic - not syncing: x\n"))
	f.Add([]byte("Oops: "))
	folder := f.TempDir()
	record, diary := filepath.Join(folder, "dmesg-efi-1"), filepath.Join(folder, "diary")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, file := range []string{record, diary} {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		bound.Input(t, len(data))
		Sources{Pstore: folder, Watchdog: folder, Diary: diary}.Reasons()
		if _, err := os.Stat(record); err == nil {
			t.Error("pstore keeps the record")
		}
	})
}
