package alias

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"bootrc/kit/durable"
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
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return fmt.Errorf("change aliases in %s: %w", f, err)
	}
	changed, err := durable.Create(context.Background(), string(f), 0o600)
	if err != nil {
		return fmt.Errorf("change aliases in %s: %w", f, err)
	}
	defer changed.Discard()
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
	if _, err := changed.Write(append(data, '\n')); err != nil {
		return err
	}
	return changed.Place()
}
