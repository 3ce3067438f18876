package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"bootrc/init/boot"
	"bootrc/init/console"
	"bootrc/kit/command"
	"bootrc/oci/container"
	"bootrc/sh"
)

var update = flag.Bool("update", false, "write docs/commands.md anew")

const commandsPage = "../docs/commands.md"

// docs/commands.md lists every command, as the tables of the packages have it.
func TestCommandReferenceIsFresh(t *testing.T) {
	page := reference(t)
	if *update {
		if err := os.WriteFile(commandsPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(commandsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != page {
		t.Error("docs/commands.md is stale: go test ./init -run Reference -update")
	}
}

func reference(t *testing.T) string {
	var page strings.Builder
	page.WriteString(`# Commands

<!-- Written by go test ./init -run Reference -update from the tables in the code. -->

What the shell of the boot has beside its builtins (cd, echo, export, read, test …), in hooks and at the prompt.
On a workstation each is a program: ` + "`./bootrc pull …`" + `. ` + "`help COMMAND`" + ` says the same.
`)
	for _, g := range allGroups(t) {
		fmt.Fprintf(&page, "\n## %s\n", g.title)
		slices.SortFunc(g.commands, func(a, b command.Command) int { return cmp.Compare(a.Name, b.Name) })
		for _, c := range g.commands {
			for path, c := range c.All() {
				describe(&page, path, c)
			}
		}
	}
	return page.String()
}

// allGroups are the commands of a boot and of a workstation.
func allGroups(t *testing.T) []group {
	t.Helper()
	shell, err := sh.New(sh.Config{Table: sh.NewTable()})
	if err != nil {
		t.Fatal(err)
	}
	return append(groups(t.Context()),
		group{"The boot", slices.Concat(boot.ConsoleCommands(console.New(os.Stdout)), boot.ArgumentCommands(nil, nil), boot.EndCommands(nil), boot.PhaseCommands(nil, nil, nil))},
		group{"The shell", append(shell.Commands(), shCommand())})
}

// describe writes the section of a command or verb.
func describe(page *strings.Builder, path string, c command.Command) {
	fmt.Fprintf(page, "\n### %s\n\n", path)
	if len(c.Verbs) == 0 || c.Run != nil || len(c.Forms) > 0 {
		verbless := c
		verbless.Verbs = nil
		fmt.Fprintf(page, "    %s\n\n", strings.Join(verbless.Usages(path), "\n    "))
	}
	fmt.Fprintf(page, "%s.\n", sentence(c.Summary))
	if c.Text != "" {
		fmt.Fprintf(page, "\n%s\n", c.Text)
	}
	options := c.Options
	if rest, ok := without(options, container.Declare(command.Command{}).Options); ok && path != "runc-run" {
		options = rest
		page.WriteString("\nIt has the options of [runc-run](#runc-run).\n")
	}
	if len(options) > 0 {
		page.WriteString("\n| option | meaning |\n|---|---|\n")
	}
	for _, o := range options {
		fmt.Fprintf(page, "| `%s` | %s |\n", cell(o.Spelling()), cell(sentence(o.Explanation())))
	}
	for _, status := range c.Statuses {
		fmt.Fprintf(page, "\nExit status %s.", status)
	}
	if len(c.Statuses) > 0 {
		page.WriteString("\n")
	}
	if len(c.Examples) > 0 {
		fmt.Fprintf(page, "\nExamples:\n\n    %s\n", strings.Join(c.Examples, "\n    "))
	}
}

// without returns the options that are not in shared, and whether all of shared are among
// them, so that a list that several commands have is shown once.
func without(options, shared []command.Option) (rest []command.Option, ok bool) {
	row := func(o command.Option) string { return o.Spelling() + o.Explanation() }
	found := 0
	for _, o := range options {
		if slices.ContainsFunc(shared, func(s command.Option) bool { return row(s) == row(o) }) {
			found++
		} else {
			rest = append(rest, o)
		}
	}
	return rest, found == len(shared)
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
