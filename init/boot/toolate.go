package boot

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bootrc/init/cmdline"
)

const supervisorsOwn = "PID 1 reads it from the kernel's command line alone"

const trustOwn = "it counts on the kernel's command line alone"

// tooLate says which arguments come when all hooks that use them have run, or name phases
// that have. now is the hook that brings them, and heeds them itself.
func tooLate(folder, now string, more *cmdline.Line) ([]string, error) {
	phases, err := phasesIn(folder)
	if err != nil {
		return nil, err
	}
	scripts := make(map[string]string)
	for _, p := range phases {
		text, err := os.ReadFile(filepath.Join(folder, p.file))
		if err != nil {
			return nil, err
		}
		scripts[p.file] = string(text)
	}
	var warnings []string
	warn := func(argument, hook string) {
		warnings = append(warnings, fmt.Sprintf("argument %s has no effect any more: it came after %s", argument, hook))
	}
	for i := range cmdline.Table {
		a, last := &cmdline.Table[i], ""
		for _, p := range phases {
			if more.Has(a.Name) && uses(scripts[p.file], a.Variable()) {
				last = p.file
			}
		}
		if last != "" && last < now {
			warn(a.Name, last)
		}
	}
	for _, named := range newSelection(more).named() {
		for _, p := range phases {
			if p.file < now && p.in(named.words) {
				warn(named.argument+"="+p.name(), p.file)
			}
		}
	}
	return warnings, nil
}

// uses tells whether a script has $variable or ${variable…, or gives the variable to commands.
func uses(script, variable string) bool {
	if strings.Contains(script, "export "+variable) {
		return true
	}
	for _, part := range strings.Split(script, "$")[1:] {
		rest, found := strings.CutPrefix(strings.TrimPrefix(part, "{"), variable)
		if found && (rest == "" || !strings.Contains(nameLetters, rest[:1])) {
			return true
		}
	}
	return false
}

// nameLetters are what a variable's name goes on with.
const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"
