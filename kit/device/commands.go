package device

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bootrc/kit/command"
)

// Awaited is a kind of thing that `wait-for` waits for.
type Awaited struct {
	Kind  string // "disk"
	Help  string // of the verb
	Names string // in its usage: "/dev/NAME|UUID=UUID"
	Paths bool   // names are paths, from the caller's folder

	// Wait returns what was found under a name as soon as it is there, or an error once
	// ctx is done.
	Wait func(ctx context.Context, name string) (found string, err error)
	// Seen lists, each behind a line's end, what the machine has of the kind so far. It
	// may be nil.
	Seen func() string
}

// patience is how long wait-for waits where nobody says.
const patience = "30"

// Commands returns the command that waits for each kind of thing.
func Commands(kinds ...Awaited) []command.Command {
	wait := command.Command{
		Name: "wait-for", Summary: "wait until the machine has what a phase needs, and print what was found",
		Examples: []string{"wait-for disk LABEL=DATA -t 60", "wait-for interface any", "wait-for file /dev/dri/card0"},
	}
	for _, k := range kinds {
		wait.Verbs = append(wait.Verbs, command.Command{
			Name: k.Kind, Summary: k.Help, Operands: "NAME", Forms: []string{"[-t SECONDS] " + k.Names},
			Options: []command.Option{{Names: "-t, --timeout", Value: "SECONDS", Kind: command.Seconds, Default: patience,
				Help: "fail after so many seconds, with what was seen until then"}},
			Run: func(ctx context.Context, call *command.Call) error {
				name := call.Args[0]
				if k.Paths {
					name = call.Path(name)
				}
				found, err := k.await(ctx, name, call.Seconds("timeout"))
				if err == nil {
					call.Printf("%s\n", found)
				}
				return err
			},
		})
	}
	return []command.Command{wait}
}

// await is Wait with an end.
func (k Awaited) await(ctx context.Context, name string, limit time.Duration) (string, error) {
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found, err := k.Wait(within, name)
	if ctx.Err() != nil || err == nil || !errors.Is(err, context.DeadlineExceeded) {
		return found, err
	}
	err = fmt.Errorf("%s %s did not appear within %v", k.Kind, name, limit)
	if k.Seen != nil {
		err = fmt.Errorf("%w; seen so far:%s", err, k.Seen())
	}
	return "", err
}
