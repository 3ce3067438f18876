package container

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bootrc/kit/command"

	"github.com/opencontainers/runtime-spec/specs-go"
)

var process = slice{
	options: []command.Option{
		{Names: "-t, --tty", Help: "give it a terminal for its standard streams"},
		{Names: "-i, --interactive", Help: "let it read standard input, which is empty otherwise"},
		{Names: "--entrypoint", Value: "PROGRAM", Help: `run PROGRAM, or the words of ["PROGRAM","ARGUMENT",…], in place of the image's entrypoint and command`},
		{Names: "--personality", Value: "LINUX|LINUX32", Kind: command.Choice, Help: "have the kernel tell programs that it is of 32 bits: LINUX32"},
		{Names: "--oom-score-adj", Value: "NUMBER", Check: checkScore,
			Help: "have the kernel end it sooner, up to 1000, or later, down to -1000, when memory is short"},
	},
	read: func(call *command.Call, v *Invocation) error {
		o := &v.Options
		o.Terminal, o.Interactive = call.Flag("tty"), call.Flag("interactive")
		o.Personality = call.Text("personality")
		if call.Has("entrypoint") {
			o.Entrypoint = parseEntrypoint(call.Text("entrypoint"))
		}
		if call.Has("oom-score-adj") {
			n, _ := strconv.Atoi(call.Text("oom-score-adj"))
			o.OOMScoreAdj = &n
		}
		return nil
	},
	write: writeProcess,
}

func checkScore(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < -1000 || n > 1000 {
		return fmt.Errorf("expected a number from -1000 to 1000, got %q", text)
	}
	return nil
}

// parseEntrypoint takes words in JSON; whatever is not is one program's name, as
// in podman.
func parseEntrypoint(text string) []string {
	words := []string{}
	switch {
	case text == "":
		return words
	case strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &words) == nil:
		return words
	}
	return []string{text}
}

func writeProcess(d *draft) (err error) {
	d.command, err = arguments(d.image, d.options)
	d.Process.Args = d.command
	if p := d.options.Personality; p != "" {
		d.Linux.Personality = &specs.LinuxPersonality{Domain: specs.LinuxPersonalityDomain(p)}
	}
	// the boot's own is lower, so that memory is taken from containers first
	if d.Process.OOMScoreAdj = d.options.OOMScoreAdj; d.Process.OOMScoreAdj == nil {
		d.Process.OOMScoreAdj = new(int)
	}
	return err
}

// arguments joins entrypoint and command as podman does: a new entrypoint
// replaces the image's command too.
func arguments(image Image, o Options) ([]string, error) {
	if o.Script != nil {
		return scriptArguments(o), nil
	}
	entrypoint, command := image.Config.Entrypoint, image.Config.Cmd
	if o.Entrypoint != nil {
		entrypoint, command = o.Entrypoint, nil
	}
	if len(o.Command) > 0 {
		command = o.Command
	}
	if len(entrypoint) == 1 && entrypoint[0] == "" { // podman's way to have none
		entrypoint = nil
	}
	args := slices.Concat(entrypoint, command)
	if len(args) == 0 {
		return nil, fmt.Errorf("%s: no command given, and the image has none", image.Name)
	}
	return args, nil
}
