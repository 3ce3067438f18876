package s3

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"bootrc/kit/command"
	"bootrc/s3/alias"
	"bootrc/s3/remote"
)

// alias is the command for names of stores; without a verb, it lists them.
func (t table) alias() command.Command {
	list := func(_ context.Context, call *command.Call) error { return listAliases(call, t.file(call)) }
	return command.Command{
		Name: "alias", Summary: "list, set or remove names of stores", Run: list,
		Verbs: []command.Command{
			{Name: "ls", Summary: "list the names and their addresses", Run: list},
			{
				Name: "set", Summary: "name the store at URL, with the keys to it", Operands: "NAME URL [ACCESS-KEY] [SECRET-KEY]",
				Forms: []string{"[OPTION…] NAME URL [ACCESS-KEY SECRET-KEY]"},
				Options: []command.Option{
					{Names: "--region", Value: "REGION", Help: "sign for this region, not for the one that the store tells"},
					{Names: "--path", Value: "on|off|auto", Kind: command.Choice,
						Help: "ask for HOST/BUCKET (on), for BUCKET.HOST (off) or for what the store is known to want"},
					{Names: "--dialect", Value: strings.Join(remote.Dialects(), "|"), Kind: command.Choice,
						Help: "what the store is known to lack of S3; auto finds out"},
				},
				Run: func(_ context.Context, call *command.Call) error { return setAlias(call, t.file(call)) },
			},
			{
				Name: "rm", Summary: "forget a name", Operands: "NAME",
				Run: func(_ context.Context, call *command.Call) error { return t.file(call).Remove(call.Args[0]) },
			},
		},
	}
}

func setAlias(call *command.Call, file alias.File) error {
	if len(call.Args) == 3 {
		return command.Usagef("expected ACCESS-KEY and SECRET-KEY, or neither")
	}
	args := append(slices.Clone(call.Args), "", "")
	a, err := alias.New(args[1], args[2], args[3])
	if err != nil {
		return fmt.Errorf("alias %q: %w", args[0], err)
	}
	a.Region = cmp.Or(call.Text("region"), a.Region)
	a.Path = cmp.Or(call.Text("path"), a.Path)
	a.Dialect = cmp.Or(call.Text("dialect"), a.Dialect)
	if err := remote.CheckDialect(a.Dialect); err != nil {
		return fmt.Errorf("alias %q: %w", args[0], err)
	}
	return file.Set(args[0], a)
}

// listAliases prints names and addresses: keys are not for the console.
func listAliases(call *command.Call, file alias.File) error {
	all, err := alias.Set{Environ: call.Env, File: file}.All()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(call.Stdout, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(table, "%s\t%s\n", name, all[name].URL)
	}
	return table.Flush()
}
