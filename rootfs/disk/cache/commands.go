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
		Forms:    []string{"auto|reset|auto,wipe|beside:SOURCE|/dev/NAME FOLDER"},
		Text:     "beside:SOURCE is the disk that has the filesystem SOURCE on it, such as UUID=1234-ABCD.",
		Run: func(ctx context.Context, call *command.Call) error {
			return Mount(ctx, call.Args[0], call.Path(call.Args[1]), idle, call.Stdout)
		},
	}}
}
