package s3

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"bootrc/s3/alias"
	"bootrc/s3/remote"
	"bootrc/sh/command"

	"github.com/spf13/pflag"
)

// s3Command is a command behind `s3`.
type s3Command func(ctx context.Context, s *session, args []string) error

func s3Commands() map[string]s3Command {
	return map[string]s3Command{"alias": runAlias, "ls": runList, "mb": runMakeBucket}
}

// session is one call of s3.
type session struct {
	call       *command.Call
	resolver   *resolver
	file       alias.File
	connection connectionOptions
	encryption encryptionOptions
}

func runS3(ctx context.Context, call *command.Call, aliases alias.File) error {
	s := &session{call: call, resolver: newResolver(call, aliases), file: aliases}
	if len(call.Args) == 0 {
		return command.Usagef("no command is named")
	}
	run, ok := s3Commands()[call.Args[0]]
	if !ok {
		return command.Usagef("there is no command %q", call.Args[0])
	}
	return run(ctx, s, call.Args[1:])
}

// parse reads the flags of a command that asks a store.
func (s *session) parse(flags *pflag.FlagSet, args []string) ([]string, error) {
	s.connection.define(flags)
	s.encryption.define(flags)
	args, err := parseFlags(flags, args)
	if err != nil {
		return nil, err
	}
	if err := s.connection.complete(); err != nil {
		return nil, &command.UsageError{Err: err}
	}
	s.resolver.endpoint = s.connection.endpoint
	return args, nil
}

// open returns the place in a store that a word names.
func (s *session) open(word string) (location, *remote.Store, error) {
	l, err := s.resolver.locate(word)
	if err != nil {
		return l, nil, err
	}
	if l.isFolder() {
		return l, nil, fmt.Errorf("%s is not in a store: ALIAS/BUCKET is", word)
	}
	store, err := remote.Open(l.alias, s.connection.remote(s.call))
	return l, store, err
}

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
	path := flags.String("path", "auto", "")
	args, err := parseFlags(flags, args)
	if err != nil {
		return err
	}
	if len(args) != 2 && len(args) != 4 {
		return command.Usagef("it is `s3 alias set [--region REGION] [--path on|off|auto] NAME URL [ACCESS-KEY SECRET-KEY]`")
	}
	if *path != "on" && *path != "off" && *path != "auto" {
		return command.Usagef("--path is on, off or auto")
	}
	args = append(args, "", "")
	a, err := alias.New(args[1], args[2], args[3])
	if err != nil {
		return fmt.Errorf("alias %q: %w", args[0], err)
	}
	a.Region, a.Path = *region, *path
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

func runMakeBucket(ctx context.Context, s *session, args []string) error {
	args, err := s.parse(pflag.NewFlagSet("mb", pflag.ContinueOnError), args)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return command.Usagef("no bucket is named: `s3 mb ALIAS/BUCKET…`")
	}
	for _, word := range args {
		l, store, err := s.open(word)
		if err != nil {
			return err
		}
		if l.bucket == "" || l.key != "" {
			return fmt.Errorf("%s is no bucket: ALIAS/BUCKET is", word)
		}
		if err := store.MakeBucket(ctx, l.bucket); err != nil {
			return err
		}
	}
	return nil
}

func runList(ctx context.Context, s *session, args []string) error {
	args, err := s.parse(pflag.NewFlagSet("ls", pflag.ContinueOnError), args)
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return command.Usagef("it is `s3 ls ALIAS[/BUCKET[/PREFIX]]`")
	}
	l, store, err := s.open(args[0])
	if err != nil {
		return err
	}
	if l.bucket == "" {
		return s.listBuckets(ctx, store)
	}
	p, err := l.prefix(store)
	if err != nil {
		return err
	}
	for e, err := range p.List(ctx, "") {
		if err != nil {
			return err
		}
		s.call.Printf("%s %12d %s\n", e.Modified.UTC().Format("2006-01-02T15:04:05Z"), e.Size, e.Name)
	}
	return nil
}

func (s *session) listBuckets(ctx context.Context, store *remote.Store) error {
	buckets, err := store.Buckets(ctx)
	for _, b := range buckets {
		s.call.Printf("%s %s\n", b.CreationDate.UTC().Format("2006-01-02T15:04:05Z"), b.Name)
	}
	return err
}
