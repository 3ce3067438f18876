package filesystem

import (
	"context"

	"bootrc/kit/command"
)

// Commands returns the shell's command for filesystems. It reads those that
// there are from the caller's exported variable b2c_filesystem.
func Commands() []command.Command {
	return []command.Command{{
		Name:    "filesystem",
		Args:    "mount [-r] NAME FOLDER",
		Summary: "mount the filesystem NAME of b2c.filesystem= (variable b2c_filesystem); -r: read-only",
		Run:     run,
	}}
}

func run(ctx context.Context, call *command.Call) error {
	args := call.Args
	if len(args) == 0 || args[0] != "mount" {
		return command.Usagef("the only verb is mount")
	}
	args = args[1:]
	readOnly := len(args) > 0 && args[0] == "-r"
	if readOnly {
		args = args[1:]
	}
	if len(args) != 2 {
		return command.Usagef("a name and a folder are needed")
	}
	f, err := Find(call.Getenv("b2c_filesystem"), args[0])
	if err != nil {
		return err
	}
	return f.Mount(ctx, call.Path(args[1]), readOnly)
}
