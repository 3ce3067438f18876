package sh

import (
	"maps"
	"slices"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/order"
)

// Table is the set of commands that a shell runs in its own process.
type Table struct {
	byName map[string]command.Command
}

// NewTable makes a table of commands; where two have the same name, the later wins.
func NewTable(commands ...command.Command) *Table {
	t := &Table{byName: make(map[string]command.Command, len(commands))}
	for _, c := range commands {
		t.byName[c.Name] = c
	}
	return t
}

// Lookup returns the command of that name.
func (t *Table) Lookup(name string) (command.Command, bool) {
	c, ok := t.byName[name]
	return c, ok
}

// Names returns the names of all commands, sorted.
func (t *Table) Names() []string { return slices.Sorted(maps.Keys(t.byName)) }

// Commands returns every command, sorted by name.
func (t *Table) Commands() []command.Command {
	all := make([]command.Command, 0, len(t.byName))
	for _, c := range t.byName {
		all = append(all, c)
	}
	order.By(all, func(a, b command.Command) int { return strings.Compare(a.Name, b.Name) })
	return all
}
