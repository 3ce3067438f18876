package run

import (
	"fmt"
	"slices"
	"strings"
)

// commandBuiltin is the builtin command.
func commandBuiltin(sh *Shell, args []string) int {
	given, args, err := letters(args, "pvV")
	if err != nil {
		return sh.misuse("command", err)
	}
	if len(args) == 0 {
		return 0
	}
	if strings.Contains(given, "p") {
		defer sh.withStandardPath()()
	}
	if describe := strings.Contains(given, "V"); describe || strings.Contains(given, "v") {
		status := 0
		for _, name := range args {
			if !sh.describe(name, describe) {
				status = 127
				if describe {
					sh.report("command", fmt.Errorf("%s: not found", name))
				}
			}
		}
		return status
	}
	args = append([]string(nil), args...)
	if b, ok := builtinOf(args[0]); ok {
		return b.run(sh, args[1:])
	}
	sh.flow = sh.external(args)
	return sh.status
}

// withStandardPath makes programs be looked for where the standard ones are.
func (sh *Shell) withStandardPath() (restore func()) {
	was := sh.former("PATH")
	v := was.was
	v.value, v.set = defaultPath, true
	sh.replace("PATH", v)
	return func() { sh.replace("PATH", was.was) }
}

// describe prints what a name is when it is called.
func (sh *Shell) describe(name string, long bool) bool {
	short, text := sh.kind(name)
	switch {
	case short == "":
		return false
	case long:
		sh.print(name + " is " + text + "\n")
	default:
		sh.print(short + "\n")
	}
	return true
}

// kind is what `command -v` and `command -V` say of a name; "" if there is no such command.
func (sh *Shell) kind(name string) (short, long string) {
	if text, ok := sh.aliasText(name); ok {
		return "alias " + name + "=" + Quote(text), "an alias for " + text
	}
	if slices.Contains([]string{"!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until", "while"}, name) {
		return name, "a shell keyword"
	}
	b, isBuiltin := builtinOf(name)
	if isBuiltin && b.special {
		return name, "a special shell builtin"
	}
	if f, ok := sh.functions.get(name); ok && f != nil {
		return name, "a shell function"
	}
	if isBuiltin {
		return name, "a shell builtin"
	}
	if _, ok := sh.lookupTable(name); ok {
		return name, "a command of this shell"
	}
	if strings.Contains(name, "/") {
		if !sh.isProgram(name) {
			return "", ""
		}
		return sh.absolute(name), sh.absolute(name)
	}
	path, err := sh.find(name)
	if err != nil {
		return "", ""
	}
	path = sh.absolute(path)
	return path, path
}

func (sh *Shell) isProgram(name string) bool {
	_, err := sh.findAlong(".", sh.path(name))
	if err != nil {
		_, err = sh.findAlong("", sh.path(name))
	}
	return err == nil
}

// absolute is a path that does not depend on the folder.
func (sh *Shell) absolute(path string) string {
	if strings.HasPrefix(path, "/") {
		return path
	}
	return strings.TrimSuffix(sh.dir, "/") + "/" + strings.TrimPrefix(path, "./")
}

// typeBuiltin is the builtin type.
func typeBuiltin(sh *Shell, args []string) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	status := 0
	for _, name := range args {
		if !sh.describe(name, true) {
			sh.report("type", fmt.Errorf("%s: not found", name))
			status = 127
		}
	}
	return status
}

// hash is the builtin that lists or fills the memory of where programs are.
func hash(sh *Shell, args []string) int {
	if len(args) > 0 && args[0] == "-r" {
		sh.forgetPaths()
		return 0
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		var out strings.Builder
		for _, name := range sortedNames(sh.paths) {
			out.WriteString(sh.paths[name] + "\n")
		}
		return sh.print(out.String())
	}
	status := 0
	for _, name := range args {
		if _, isBuiltin := builtinOf(name); isBuiltin {
			continue
		}
		if _, ok := sh.lookupTable(name); ok {
			continue
		}
		if f, ok := sh.functions.get(name); ok && f != nil {
			continue
		}
		if _, err := sh.find(name); err != nil {
			status = sh.failed("hash", fmt.Errorf("%s: not found", name))
		}
	}
	return status
}
