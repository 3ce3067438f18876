package folder

import (
	"os"
	"strings"

	"bootrc/kit/durable"
)

// removeStale removes the stages of processes that are gone: what they had
// locked is free.
func removeStale(f *Folder) error {
	dir, err := os.Open(f.inside("."))
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, stagePrefix) {
			durable.RemoveUnlocked(f.inside(name), nil)
		}
	}
	return nil
}
