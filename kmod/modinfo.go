package kmod

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/foreign"
)

// modinfo says where a module is, what it needs, and how it is set where it is loaded.
func (r *Running) modinfo(_ context.Context, call *command.Call) error {
	tree, err := r.open()
	if err != nil {
		return err
	}
	c, err := tree.config()
	if err != nil {
		return err
	}
	for _, name := range call.Args {
		modules, err := tree.lookup(c, name)
		if err != nil {
			return err
		}
		for _, module := range modules {
			file, needs, err := tree.needs(module)
			if err != nil {
				return err
			}
			call.Printf("name:      %s\nfile:      %s\nneeds:     %s\n", module, tree.path(file), strings.Join(needs, " "))
			printParameters(call, "/sys/module/"+module)
		}
	}
	return nil
}

func printParameters(call *command.Call, folder string) {
	if _, err := os.Stat(folder); err != nil {
		call.Printf("loaded:    no\n")
		return
	}
	call.Printf("loaded:    yes\n")
	files, _ := filepath.Glob(folder + "/parameters/*")
	for _, file := range files {
		if value, err := os.ReadFile(file); err == nil {
			call.Printf("parameter: %s=%s\n", filepath.Base(file), foreign.Line(strings.TrimSpace(string(value))))
		}
	}
}
