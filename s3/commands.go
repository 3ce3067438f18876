// Package s3 has the shell's commands for S3-compatible stores: s3sync, which
// mirrors folders, and s3, for looking around. What they are made of is in the
// packages below.
package s3

import (
	"context"
	"io"
	"path/filepath"

	"bootrc/kit/command"
	"bootrc/s3/alias"

	"github.com/spf13/pflag"
)

// Commands returns the commands. Aliases are kept in the file that is named, or
// else in the caller's own configuration.
func Commands(aliases string) []command.Command {
	return []command.Command{
		{
			Name: "s3sync",
			Args: "[--overwrite] [--remove] [--preserve] [--watch] [--checksum] [--dry-run] [--exclude PATTERN]…" +
				" [--include PATTERN]… [--newer-than AGE] [--older-than AGE] [--encrypt-key KEY] [--sse s3|kms:ID]" +
				" [--bandwidth SIZE] [--concurrency N] [--retry N] [--endpoint URL] [--cacert FILE] [--json] [-q] SRC DST",
			Summary: "make DST like SRC: a folder, ALIAS/BUCKET[/PREFIX] or s3://BUCKET[/PREFIX]",
			Run: func(ctx context.Context, call *command.Call) error {
				return runSync(ctx, call, aliasFile(aliases, call))
			},
		},
		{
			Name: "s3",
			Args: "alias set [--region REGION] [--path on|off|auto] [--dialect DIALECT] NAME URL [ACCESS-KEY SECRET-KEY]" +
				"\n   or: s3 alias ls\n   or: s3 alias rm NAME" +
				"\n   or: s3 ls [-r] ALIAS[/BUCKET[/PREFIX]]\n   or: s3 mb ALIAS/BUCKET" +
				"\n   or: s3 cat|stat ALIAS/BUCKET/NAME\n   or: s3 rm [-r] ALIAS/BUCKET/NAME\n   or: s3 cp SRC DST",
			Summary: "look around in an S3-compatible store",
			Run: func(ctx context.Context, call *command.Call) error {
				return runS3(ctx, call, aliasFile(aliases, call))
			},
		},
	}
}

func aliasFile(machine string, call *command.Call) alias.File {
	if machine != "" {
		return alias.File(machine)
	}
	folder := call.Getenv("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(call.Getenv("HOME"), ".config")
	}
	return alias.File(filepath.Join(folder, "bootrc", "s3.json"))
}

func newResolver(call *command.Call, aliases alias.File) *resolver {
	return &resolver{
		aliases: alias.Set{Environ: call.Env, File: aliases},
		dir:     call.Dir,
		getenv:  call.Getenv,
	}
}

// parseFlags reads the call's flags; what remains are its arguments.
func parseFlags(flags *pflag.FlagSet, args []string) ([]string, error) {
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		return nil, &command.UsageError{Err: err}
	}
	return flags.Args(), nil
}
