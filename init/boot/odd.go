package boot

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"bootrc/kit/regular"
)

// oddHooks names the files in a folder that were meant to be hooks, by all that one can tell, and are none.
func oddHooks(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var odd []string
	for _, e := range entries {
		name, file := e.Name(), filepath.Join(folder, e.Name())
		if !isHookName(name) && e.Type().IsRegular() && (strings.HasSuffix(name, ".sh") || isScript(file)) {
			odd = append(odd, fmt.Sprintf("%s is not run: a hook's name has the form NN-name.sh, such as 35-wifi.sh", file))
		}
	}
	return odd
}

// isScript tells whether a file's first line names an interpreter.
func isScript(file string) bool {
	f, err := regular.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	mark := make([]byte, 2)
	io.ReadFull(f, mark)
	return string(mark) == "#!"
}

// checkLanguage refuses a hook whose first line names an interpreter that is no shell.
func checkLanguage(file, text string) error {
	line, _, _ := strings.Cut(text, "\n")
	words := strings.Fields(strings.TrimPrefix(line, "#!"))
	if !strings.HasPrefix(line, "#!") || len(words) == 0 {
		return nil
	}
	interpreter := path.Base(words[0])
	if interpreter == "env" && len(words) > 1 {
		interpreter = path.Base(words[len(words)-1])
	}
	if strings.HasSuffix(interpreter, "sh") {
		return nil
	}
	return fmt.Errorf("%s is written for %s, and hooks are POSIX shell scripts: a container can run it, or a hook that calls %s, if the initramfs has it",
		file, interpreter, interpreter)
}

// arrivals notices hooks that appear when their turn is over.
type arrivals map[string]bool

// late names those among the phases that are new, and come before the one that ran last.
func (seen arrivals) late(phases []phase, last string) []string {
	var late []string
	for _, p := range phases {
		if !seen[p.file] && p.file <= last {
			late = append(late, fmt.Sprintf("hook %s came after %s, when its turn was over, and is not run: give it a higher number", p.file, last))
		}
		seen[p.file] = true
	}
	return late
}
