package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// Replace writes a file in place of what the image has under its name, which may
// be a link to somewhere else.
func (b *Bundle) Replace(name, content string) error {
	root, err := os.OpenRoot(b.Root())
	if err != nil {
		return err
	}
	defer root.Close()
	if err := replace(root, name[1:], content); err != nil {
		return fmt.Errorf("making the container's %s: %w", name, err)
	}
	return nil
}

func replace(root *os.Root, name, content string) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return root.WriteFile(name, []byte(content), 0o644)
}
