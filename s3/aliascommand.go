package s3

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"bootrc/kit/command"
	"bootrc/s3/alias"
	"bootrc/s3/remote"

	"github.com/spf13/pflag"
)

func runAlias(_ context.Context, s *session, args []string) error {
	if len(args) == 0 {
		args = []string{"ls"}
	}
	switch verb, args := args[0], args[1:]; {
	case verb == "set":
		return s.setAlias(args)
	case verb == "rm" && len(args) == 1:
		return s.file.Remove(args[0])
	case verb == "ls" && len(args) == 0:
		return s.listAliases()
	}
	return command.Usagef("it is `s3 alias set NAME URL [ACCESS-KEY SECRET-KEY]`, `s3 alias rm NAME` or `s3 alias ls`")
}

func (s *session) setAlias(args []string) error {
	flags := pflag.NewFlagSet("alias", pflag.ContinueOnError)
	region := flags.String("region", "", "")
	path := flags.String("path", "", "")
	dialect := flags.String("dialect", "", "")
	args, err := parseFlags(flags, args)
	if err != nil {
		return err
	}
	if len(args) != 2 && len(args) != 4 {
		return command.Usagef("it is `s3 alias set [--region REGION] [--path on|off|auto] [--dialect DIALECT] NAME URL [ACCESS-KEY SECRET-KEY]`")
	}
	args = append(args, "", "")
	a, err := alias.New(args[1], args[2], args[3])
	if err != nil {
		return fmt.Errorf("alias %q: %w", args[0], err)
	}
	for _, option := range []struct {
		value string
		to    *string
	}{{*region, &a.Region}, {*path, &a.Path}, {*dialect, &a.Dialect}} {
		if option.value != "" {
			*option.to = option.value
		}
	}
	if err := errors.Join(alias.CheckPath(a.Path), remote.CheckDialect(a.Dialect)); err != nil {
		return &command.UsageError{Err: fmt.Errorf("alias %q: %w", args[0], err)}
	}
	return s.file.Set(args[0], a)
}

// listAliases prints names and addresses: keys are not for the console.
func (s *session) listAliases() error {
	all, err := s.resolver.aliases.All()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(s.call.Stdout, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(table, "%s\t%s\n", name, all[name].URL)
	}
	return table.Flush()
}
