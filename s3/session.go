package s3

import (
	"context"
	"fmt"

	"bootrc/kit/command"
	"bootrc/s3/alias"
	"bootrc/s3/remote"

	"github.com/spf13/pflag"
)

// s3Command is a command behind `s3`.
type s3Command func(ctx context.Context, s *session, args []string) error

func s3Commands() map[string]s3Command {
	return map[string]s3Command{
		"alias": runAlias, "ls": runList, "mb": runMakeBucket,
		"cat": runCat, "cp": runCopy, "rm": runRemove, "stat": runStat,
	}
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

// openObject opens the object that a word names: as the last part of a prefix.
func (s *session) openObject(word string) (*remote.Prefix, string, error) {
	l, store, err := s.open(word)
	if err != nil {
		return nil, "", err
	}
	if l.bucket == "" || l.key == "" {
		return nil, "", fmt.Errorf("%s names no object: ALIAS/BUCKET/NAME does", word)
	}
	p := &remote.Prefix{Store: store, Bucket: l.bucket}
	if p.Encryption, err = s.encryption.of(l); err != nil {
		return nil, "", err
	}
	return p, l.key, p.Check()
}
