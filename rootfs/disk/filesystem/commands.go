package filesystem

import (
	"context"
	"sync"

	"bootrc/kit/command"
)

// Commands returns the shell's command for filesystems. It reads the filesystems from the
// caller's exported variable b2c_filesystem. Until life ends, it says which servers do
// not answer.
func Commands(life context.Context) []command.Command {
	c := &client{life: life}
	return []command.Command{{
		Name: "filesystem", Summary: "mount the filesystems of b2c.filesystem= (variable b2c_filesystem)",
		Verbs: []command.Command{{
			Name: "mount", Summary: "mount the filesystem of that name", Operands: "NAME FOLDER",
			Options: []command.Option{{Names: "-r, --read-only", Help: "nothing of it can be changed"}},
			Run:     c.mount,
		}, {
			Name: "drivers", Summary: "print the kernel modules that the filesystems named will want",
			Run: drivers,
		}},
	}}
}

// client is the command's state.
type client struct {
	life    context.Context
	relayed sync.Once
}

func (c *client) mount(ctx context.Context, call *command.Call) error {
	f, err := Find(call.Getenv("b2c_filesystem"), call.Args[0])
	if err != nil {
		return err
	}
	if f.kind() == "nfs" || f.kind() == "nfs4" {
		c.relayed.Do(func() { relay(c.life, call.Stderr) })
	}
	return f.Mount(ctx, call.Path(call.Args[1]), call.Flag("read-only"))
}

func drivers(_ context.Context, call *command.Call) error {
	all, err := All(call.Getenv("b2c_filesystem"))
	for _, f := range all {
		for _, module := range f.mounting().drivers() {
			call.Printf("%s\n", module)
		}
	}
	return err
}
