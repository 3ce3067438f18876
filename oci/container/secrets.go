package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"bootrc/kit/command"
	"bootrc/kit/durable"
)

// secretCommand keeps secrets in a folder in memory, as podman-secret(1) does on disk.
func (r Runtime) secretCommand() command.Command {
	return command.Command{
		Name: "secret", Summary: "keep secrets for containers, in memory, until the machine is switched off",
		Verbs: []command.Command{
			{
				Name: "create", Summary: "make a secret of a file's content, or of standard input's", Operands: "NAME FILE",
				Forms:   []string{"NAME FILE|-"},
				Options: []command.Option{{Names: "--replace", Help: "put it in place of one of that name"}},
				Run:     r.createSecret,
			},
			{Name: "ls", Summary: "list the names of secrets", Run: r.listSecrets},
			{Name: "rm", Summary: "remove secrets", Operands: "NAME…", Run: r.removeSecrets},
		},
		Examples: []string{"fetch https://farm/token | secret create token -", "runc-run --secret=token,type=env,target=TOKEN IMAGE"},
	}
}

func (r Runtime) createSecret(_ context.Context, call *command.Call) error {
	name, from := call.Args[0], call.Stdin
	if err := CheckName(name); err != nil {
		return &command.UsageError{Err: err}
	}
	if call.Args[1] != "-" {
		f, err := os.Open(call.Path(call.Args[1]))
		if err != nil {
			return err
		}
		defer f.Close()
		from = f
	}
	value, err := io.ReadAll(io.LimitReader(from, maxSecret+1))
	switch _, there := os.Stat(r.secret(name)); {
	case err != nil:
		return err
	case len(value) == 0 || len(value) > maxSecret:
		return fmt.Errorf("secret %s: it has %d bytes, expected 1 to %d", name, len(value), maxSecret)
	case there == nil && !call.Flag("replace"):
		return fmt.Errorf("secret %s is there already: --replace replaces it", name)
	}
	if err := os.MkdirAll(r.Secrets, 0o700); err != nil {
		return err
	}
	return durable.WriteFile(r.secret(name), value, 0o600)
}

func (r Runtime) secret(name string) string { return filepath.Join(r.Secrets, name) }

func (r Runtime) listSecrets(_ context.Context, call *command.Call) error {
	entries, err := os.ReadDir(r.Secrets)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		call.Printf("%s\n", e.Name())
	}
	return nil
}

func (r Runtime) removeSecrets(_ context.Context, call *command.Call) error {
	for _, name := range call.Args {
		if err := CheckName(name); err != nil {
			return err
		}
		if err := os.Remove(r.secret(name)); err != nil {
			return err
		}
	}
	return nil
}
