package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/obtain"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// scriptName is where a container has the script of --command-file.
const scriptName = "/.command"

// maxText bounds scripts and files of variables, in bytes.
const maxText = 16 << 20

// scriptTime is how long a script may take to come.
const scriptTime = 5 * time.Minute

var script = slice{
	options: []command.Option{{Names: "--command-file", Value: "FILE|URL",
		Help: "run the script in FILE, or at an http or https URL, with the words behind IMAGE as its arguments"}},
	read: func(call *command.Call, v *Invocation) error {
		v.script = call.Text("command-file")
		return nil
	},
	write: writeScript,
}

// readScript gets the script, if there is to be one.
func (v *Invocation) readScript(ctx context.Context, call *command.Call) (err error) {
	switch {
	case v.script == "":
		return nil
	case strings.HasPrefix(v.script, "http://"), strings.HasPrefix(v.script, "https://"):
		v.Options.Script, err = obtain.Request{Where: v.script, Limit: maxText, Time: scriptTime}.Get(ctx, call)
	default:
		v.Options.Script, err = readText(call.Path(v.script))
	}
	if err == nil && len(v.Options.Script) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return fmt.Errorf("--command-file: %w", err)
	}
	return nil
}

// readText reads a file, which may be a pipe, as whoever named it wants it.
func readText(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err == nil && len(text) > maxText {
		err = fmt.Errorf("%s has more than %d bytes", name, maxText)
	}
	return text, err
}

// scriptArguments runs the script with the entrypoint that was asked for; without one, by
// itself, if its first line names an interpreter, and with the image's sh otherwise.
func scriptArguments(o Options) []string {
	interpreter := o.Entrypoint
	if interpreter == nil && !bytes.HasPrefix(o.Script, []byte("#!")) {
		interpreter = []string{"sh"}
	}
	return slices.Concat(interpreter, []string{scriptName}, o.Command)
}

func writeScript(d *draft) error {
	if d.options.Script == nil {
		return nil
	}
	file, err := d.bundle.MakeFile("command", d.options.Script, 0o555)
	if err != nil {
		return err
	}
	addMounts(d.Spec, []specs.Mount{{Destination: scriptName, Type: "bind", Source: file, Options: []string{"bind", "ro", "rprivate"}}})
	return nil
}
