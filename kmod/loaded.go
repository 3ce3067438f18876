package kmod

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Loaded is a module in the kernel: a line of /proc/modules.
type Loaded struct {
	Name  string
	Bytes int
	Uses  int      // how often it is in use, by modules and otherwise
	By    []string // the modules that use it
}

// List returns the modules in the kernel, the last loaded first.
func List() ([]Loaded, error) { return list("/") }

func list(root string) ([]Loaded, error) {
	text, err := os.ReadFile(filepath.Join(root, "proc/modules"))
	if err != nil {
		return nil, fmt.Errorf("list modules: %w", err)
	}
	var modules []Loaded
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		m := Loaded{Name: fields[0]}
		m.Bytes, _ = strconv.Atoi(fields[1])
		m.Uses, _ = strconv.Atoi(fields[2]) // "-" in a kernel that can't unload
		if users := strings.Trim(fields[3], ",-"); users != "" {
			m.By = strings.Split(users, ",")
		}
		modules = append(modules, m)
	}
	return modules, nil
}
