package alias

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// File is the path of a file of aliases. Nobody but its owner can read it.
type File string

type content struct {
	Aliases map[string]Alias `json:"aliases"`
}

// Read returns the aliases in the file: none where it does not exist.
func (f File) Read() (map[string]Alias, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return make(map[string]Alias), nil
	}
	if err != nil {
		return nil, err
	}
	var c content
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("read aliases from %s: not what was written there", f)
	}
	if c.Aliases == nil {
		c.Aliases = make(map[string]Alias)
	}
	return c.Aliases, nil
}

// Set adds or replaces an alias.
func (f File) Set(name string, a Alias) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return f.change(func(all map[string]Alias) error {
		all[name] = a
		return nil
	})
}

// Remove removes an alias.
func (f File) Remove(name string) error {
	return f.change(func(all map[string]Alias) error {
		if _, ok := all[name]; !ok {
			return fmt.Errorf("there is no alias %q in %s", name, f)
		}
		delete(all, name)
		return nil
	})
}

// change replaces the file as a whole; one process at a time.
func (f File) change(edit func(map[string]Alias) error) error {
	dir, err := f.lockFolder()
	if err != nil {
		return fmt.Errorf("change aliases in %s: %w", f, err)
	}
	defer dir.Close()
	all, err := f.Read()
	if err != nil {
		return err
	}
	if err := edit(all); err != nil {
		return err
	}
	data, err := json.MarshalIndent(content{all}, "", "  ")
	if err != nil {
		return err
	}
	temporary := string(f) + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(temporary, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, string(f))
}

func (f File) lockFolder() (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return nil, err
	}
	dir, err := os.Open(filepath.Dir(string(f)))
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX); err != nil {
		dir.Close()
		return nil, err
	}
	return dir, nil
}
