// Package s3 has the shell's commands for S3-compatible stores: s3sync, which
// mirrors folders, and s3, for looking around. What they are made of is in the
// packages below.
package s3

import (
	"context"
	"path/filepath"
	"slices"

	"bootrc/kit/command"
	"bootrc/s3/alias"
)

// Commands returns the commands. Aliases are kept in the file that is named, or
// else in the caller's own configuration.
func Commands(aliases string) []command.Command {
	t := table{aliases}
	return []command.Command{t.sync(), t.look()}
}

// table makes commands that keep aliases in this file.
type table struct{ aliases string }

func (t table) sync() command.Command {
	return command.Command{
		Name: "s3sync", Summary: "make DST like SRC: a folder, ALIAS/BUCKET[/PREFIX] or s3://BUCKET[/PREFIX]",
		Options: slices.Concat(syncOptions(), contentOptions(), connectionOptions()), Operands: "SRC DST",
		Statuses: []string{"1: something is missing in DST: each failure is a line, and the last line counts them"},
		Examples: []string{
			"s3sync --overwrite --remove /storage/results minio/ci/results",
			"s3sync --watch --overwrite --preserve ./data minio/ci/data",
		},
		Run: t.with(withContent(runSync)),
	}
}

func (t table) look() command.Command {
	recursive := func(help string) []command.Option {
		return []command.Option{{Names: "-r, --recursive", Help: help}}
	}
	content := contentOptions()
	return command.Command{
		Name: "s3", Summary: "look around in an S3-compatible store",
		Verbs: []command.Command{
			t.alias(),
			t.verb("ls", "list the buckets, or the objects below a prefix", "ALIAS[/BUCKET[/PREFIX]]",
				recursive("list what is in folders, too"), runList),
			t.verb("mb", "make a bucket", "ALIAS/BUCKET", nil, runMakeBucket),
			t.verb("cat", "print an object's content", "ALIAS/BUCKET/NAME", content, withContent(runCat)),
			t.verb("stat", "print what is known of an object", "ALIAS/BUCKET/NAME", content, withContent(runStat)),
			t.verb("rm", "remove an object", "ALIAS/BUCKET/NAME", recursive("remove all that is below NAME"), runRemove),
			t.verb("cp", "copy one file from, to or within stores", "SRC DST", content, withContent(runCopy)),
		},
		Examples: []string{"s3 alias set minio http://10.0.0.5:9000 ACCESS-KEY SECRET-KEY", "s3 ls -r minio/ci/results"},
	}
}

// verb is a command behind `s3` that asks a store.
func (t table) verb(name, summary, operands string, options []command.Option, run func(context.Context, *session) error) command.Command {
	return command.Command{
		Name: name, Summary: summary, Operands: operands,
		Options: slices.Concat(options, connectionOptions()), Run: t.with(run),
	}
}

// with gives a command its session.
func (t table) with(run func(context.Context, *session) error) func(context.Context, *command.Call) error {
	return func(ctx context.Context, call *command.Call) error { return run(ctx, newSession(call, t.file(call))) }
}

// withContent reads the contentOptions, for a command that has them.
func withContent(run func(context.Context, *session) error) func(context.Context, *session) error {
	return func(ctx context.Context, s *session) error {
		s.encryption = encryptions{s.call.List("encrypt-key"), s.call.Text("sse")}
		s.remote.Bandwidth = s.call.Size("bandwidth")
		return run(ctx, s)
	}
}

func (t table) file(call *command.Call) alias.File {
	if t.aliases != "" {
		return alias.File(t.aliases)
	}
	folder := call.Getenv("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(call.Getenv("HOME"), ".config")
	}
	return alias.File(filepath.Join(folder, "bootrc", "s3.json"))
}
