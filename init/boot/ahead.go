package boot

import (
	"os"
	"path/filepath"
	"sync"

	"bootrc/sh"
)

// ahead parses the hooks while another CPU has the console and the mounts to see to.
type ahead struct {
	mu     sync.Mutex
	parsed map[string]*sh.Script // by the file's name
}

func parseAhead(folder string) *ahead {
	a := &ahead{parsed: make(map[string]*sh.Script)}
	go func() {
		// an error is found again when the hook's turn comes
		phases, _ := phasesIn(folder)
		for _, p := range phases {
			a.parse(folder, p.file)
		}
	}()
	return a
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
	a.parsed[file] = script
	return script, nil
}
