package volume

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/kit/command"
	"bootrc/rootfs/disk/fscrypt"
	"bootrc/test/program"
)

func open(t *testing.T, root string) *Store {
	t.Helper()
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// disk mounts a new ext4 file system that can encrypt.
func disk(t *testing.T) (mounted string) {
	t.Helper()
	image, mounted := filepath.Join(t.TempDir(), "image"), t.TempDir()
	execute(t, "truncate", "-s", "16M", image)
	execute(t, "mkfs.ext4", "-q", "-O", "encrypt", image)
	execute(t, "mount", "-o", "loop", image, mounted)
	t.Cleanup(func() { execute(t, "umount", mounted) })
	return mounted
}

func execute(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program.Need(t, name), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func key(b byte) fscrypt.Key { return bytes.Repeat([]byte{b}, 32) }

// session runs the command volume on one store.
type session struct {
	*testing.T
	store     *Store
	out, errs bytes.Buffer
}

func (s *session) run(input string, args ...string) command.Status {
	s.Helper()
	s.out.Reset()
	s.errs.Reset()
	c := Commands(func() (*Store, error) { return s.store, nil })[0]
	return c.Execute(s.Context(), &command.Call{Name: c.Name, Args: args, Dir: s.store.root,
		Stdin: strings.NewReader(input), Stdout: &s.out, Stderr: &s.errs})
}
