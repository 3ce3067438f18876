package kmod

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// MakeNodes makes the device nodes of modules.devname below dev, which is /dev: the
// kernel loads their drivers when somebody opens them. One that is there stays.
func (t *Tree) MakeNodes(dev string) error {
	text, err := t.read("modules.devname")
	if err != nil {
		return err
	}
	var failed []error
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if err := makeNode(dev, strings.Fields(line)); err != nil && !errors.Is(err, fs.ErrExist) {
			failed = append(failed, fmt.Errorf("modules.devname: %s: %w", strings.TrimSpace(line), err))
		}
	}
	return errors.Join(failed...)
}

// makeNode makes one node, of MODULE, NAME and cMAJOR:MINOR.
func makeNode(dev string, fields []string) error {
	if len(fields) != 3 || !filepath.IsLocal(fields[1]) {
		return errors.New("is not MODULE NAME cMAJOR:MINOR")
	}
	var kind rune
	var major, minor uint32
	if n, err := fmt.Sscanf(fields[2], "%c%d:%d", &kind, &major, &minor); n < 3 {
		return err
	}
	mode := uint32(unix.S_IFCHR)
	if kind == 'b' {
		mode = unix.S_IFBLK
	}
	path := filepath.Join(dev, fields[1])
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return unix.Mknod(path, mode|0o600, int(unix.Mkdev(major, minor)))
}
