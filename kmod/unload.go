package kmod

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// unload takes a module, given by name or alias, out of the kernel, and then
// what it needed, as far as nothing else uses that: modprobe(8) -r. It returns the names
// of the modules that it removed, or would remove if dry. A module that
// isn't loaded is success; one that is built in, or in use, is an error.
func (t *Tree) unload(ctx context.Context, nameOrAlias string, dry bool) ([]string, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	modules, err := t.lookup(config, nameOrAlias)
	if err != nil {
		return nil, err
	}
	if modules == nil {
		return nil, fmt.Errorf("remove %s: it is built in or blacklisted", nameOrAlias)
	}
	var removed []string
	for _, module := range modules {
		if err := ctx.Err(); err != nil {
			return removed, fmt.Errorf("remove %s: %w", module, err)
		}
		if !t.loaded(module) {
			continue
		}
		steps, own, err := t.plan(config, module, nameOrAlias, "")
		if err != nil {
			return removed, err
		}
		names, err := t.removeSteps(steps, own, dry)
		removed = append(removed, names...)
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// removeSteps undoes a plan from its end. Only the module that was asked for
// must go: what was loaded after or before it goes if it is unused.
func (t *Tree) removeSteps(steps []*step, own *step, dry bool) ([]string, error) {
	var removed []string
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		if s != own && (dry || !t.loaded(s.module) || !t.unused(s.module)) {
			continue
		}
		if !dry {
			if err := t.remove(s.module); err != nil && s == own {
				return removed, err
			} else if err != nil {
				continue
			}
		}
		removed = append(removed, s.module)
	}
	return removed, nil
}

// unused reports whether nothing holds a loaded module.
func (t *Tree) unused(module string) bool {
	count, err := os.ReadFile(filepath.Join(t.root, "sys/module", module, "refcnt"))
	return err == nil && strings.TrimSpace(string(count)) == "0"
}
