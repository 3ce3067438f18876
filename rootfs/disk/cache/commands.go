package cache

import (
	"context"

	"bootrc/kit/command"
)

// Commands returns the shell's command for the cache.
func Commands() []command.Command {
	return []command.Command{{
		Name:    "cache-mount",
		Args:    "auto|reset|auto,wipe|/dev/NAME FOLDER",
		Summary: "choose the cache's disk, prepare it and mount it",
		Run: func(ctx context.Context, call *command.Call) error {
			if len(call.Args) != 2 {
				return command.Usagef("a disk and a folder are needed")
			}
			return Mount(ctx, call.Args[0], call.Path(call.Args[1]), call.Stdout)
		},
	}}
}
