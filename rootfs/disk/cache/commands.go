package cache

import (
	"context"

	"bootrc/kit/command"
)

// Commands returns the shell's command for the cache. While idle says no, drivers are
// being loaded that may bring more disks.
func Commands(idle func() bool) []command.Command {
	return []command.Command{{
		Name:     "cache-mount",
		Summary:  "choose the cache's disk, prepare it and mount it",
		Operands: "DEVICE FOLDER",
		Forms:    []string{"auto|reset|auto,wipe|/dev/NAME FOLDER"},
		Run: func(ctx context.Context, call *command.Call) error {
			return Mount(ctx, call.Args[0], call.Path(call.Args[1]), idle, call.Stdout)
		},
	}}
}
