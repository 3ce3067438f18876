package boot

import (
	"os"
	"path/filepath"
	"sync"

	"bootrc/sh"
)

// ahead is the hooks that are parsed before their turn comes.
type ahead struct {
	mu     sync.Mutex
	parsed map[string]*sh.Script // by the file's name
}

// parseAll parses what there is; an error shows when the hook's turn comes.
func (a *ahead) parseAll(folder string) {
	phases, _ := phasesIn(folder)
	for _, p := range phases {
		a.parse(folder, p.file)
	}
}

// parse returns a hook as it is now, from what was parsed before if that is the same.
func (a *ahead) parse(folder, file string) (*sh.Script, error) {
	text, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	script := a.parsed[file]
	a.mu.Unlock()
	if script != nil && script.Text == string(text) {
		return script, nil
	}
	script = sh.Parse(file, string(text))
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.parsed == nil {
		a.parsed = make(map[string]*sh.Script)
	}
	a.parsed[file] = script
	return script, nil
}
