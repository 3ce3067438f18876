package kmod

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/kmod/index"
)

// configDirs are the folders of modprobe.d(5); a file in an earlier one hides
// those of its name in later ones.
var configDirs = [...]string{"etc/modprobe.d", "run/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d"}

// config is what the machine's owner wants of modules: modprobe.d(5) and the
// kernel command line.
type config struct {
	aliases   []configAlias
	options   []option
	blacklist map[string]bool // no alias loads these
	never     map[string]bool // nothing loads these: "install NAME /bin/false"
	softdeps  map[string]softdep
}

// configAlias is a pattern of aliases, and the module that they stand for.
type configAlias struct{ pattern, module string }

// option is parameters for one module, or for what is loaded by one alias.
type option struct {
	name   string
	params string
}

// config reads it anew: hooks write to modprobe.d.
func (t *Tree) config() (*config, error) {
	c := &config{
		blacklist: make(map[string]bool),
		never:     make(map[string]bool),
		softdeps:  make(map[string]softdep),
	}
	files, err := configFiles(t.root)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read module configuration: %w", err)
		}
		c.parse(string(text))
	}
	line, err := os.ReadFile(filepath.Join(t.root, "proc/cmdline"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read module parameters: %w", err)
	}
	c.parseCmdline(string(line))
	return c, nil
}

// configFiles returns the files of modprobe.d(5), sorted by their own name.
func configFiles(root string) ([]string, error) {
	files := make(map[string]string)
	for _, dir := range configDirs {
		dir = filepath.Join(root, dir)
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("read module configuration: %w", err)
		}
		for _, entry := range entries {
			name := entry.Name()
			if _, hidden := files[name]; !hidden && strings.HasSuffix(name, ".conf") {
				files[name] = filepath.Join(dir, name)
			}
		}
	}
	sorted := make([]string, 0, len(files))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sorted = append(sorted, files[name])
	}
	return sorted, nil
}

// parse adds one file. Lines that it doesn't know are left alone, as modprobe
// leaves them: the file may be written for a newer one.
func (c *config) parse(text string) {
	var whole string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if head, more := strings.CutSuffix(line, "\\"); more {
			whole += head
			continue
		}
		c.parseLine(whole + line)
		whole = ""
	}
	c.parseLine(whole)
}

func (c *config) parseLine(line string) {
	word, rest := cutWord(line)
	name, args := cutWord(rest)
	if name == "" {
		return
	}
	switch word {
	case "alias":
		if args != "" {
			c.aliases = append(c.aliases, configAlias{pattern: CanonicalAlias(name), module: CanonicalName(args)})
		}
	case "options":
		c.options = append(c.options, option{CanonicalName(name), args})
	case "blacklist":
		c.blacklist[CanonicalName(name)] = true
	case "softdep":
		addSoftdep(c.softdeps, rest)
	case "install":
		command, _ := cutWord(args)
		switch path.Base(command) {
		case "true", "false", ":":
			c.never[CanonicalName(name)] = true
		}
	}
}

// find returns the modules of the configuration's own aliases for alias.
func (c *config) find(alias string) []string {
	var modules []string
	for _, a := range c.aliases {
		if index.Match(a.pattern, alias) && !slices.Contains(modules, a.module) {
			modules = append(modules, a.module)
		}
	}
	return modules
}

// params returns the configured parameters of a module that is loaded by name or
// by alias.
func (c *config) params(module, alias string) string {
	var words []string
	for _, o := range c.options {
		if (o.name == module || o.name == alias) && o.params != "" {
			words = append(words, o.params)
		}
	}
	return strings.Join(words, " ")
}
