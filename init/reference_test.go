package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"bootrc/init/boot"
	"bootrc/init/console"
	"bootrc/kit/command"
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
	shell, err := sh.New(sh.Config{Table: sh.NewTable()})
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	page.WriteString(`# Commands

<!-- Written by go test ./init -run Reference -update from the tables in the code. -->

What the shell of the boot has beside its builtins (cd, echo, export, read, test …), in hooks and at the prompt.
On a workstation each is a program: ` + "`./bootrc pull …`" + `. ` + "`help COMMAND`" + ` says the same.
`)
	all := append(groups(t.Context()), group{"The boot", boot.ConsoleCommands(console.New(os.Stdout))}, group{"The shell", shell.Commands()})
	for _, g := range all {
		fmt.Fprintf(&page, "\n## %s\n\n| | |\n|---|---|\n", g.title)
		slices.SortFunc(g.commands, func(a, b command.Command) int { return cmp.Compare(a.Name, b.Name) })
		for _, c := range g.commands {
			fmt.Fprintf(&page, "| %s | %s |\n", usage(c), strings.ReplaceAll(c.Summary, "|", `\|`))
		}
	}
	return page.String()
}

// usage is a command's usage for a cell of the page, a line for each form.
func usage(c command.Command) string {
	var forms []string
	for form := range strings.SplitSeq(strings.TrimSpace(c.Name+" "+c.Args), "or: ") {
		form = strings.Join(strings.Fields(form), " ")
		forms = append(forms, "`"+strings.ReplaceAll(form, "|", `\|`)+"`")
	}
	return strings.Join(forms, "<br>")
}
