package container

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

func addProcessFlags(f *pflag.FlagSet, o *Options) {
	f.BoolVarP(&o.Terminal, "tty", "t", false, "a terminal for its standard streams")
	f.BoolVarP(&o.Interactive, "interactive", "i", false, "standard input, which is empty otherwise")
	f.Func("entrypoint", `PROGRAM, or ["PROGRAM","ARGUMENT",…], in place of the image's and its command`, func(text string) error {
		o.Entrypoint = parseEntrypoint(text)
		return nil
	})
	f.StringVarP(&o.User, "user", "u", "", "USER[:GROUP]")
	f.StringArrayVar(&o.Groups, "group-add", nil, "GROUP")
	f.StringVarP(&o.Workdir, "workdir", "w", "", "working FOLDER, which must be there")
	f.Func("umask", "MASK, in octal, usually 0022", func(text string) error {
		n, err := strconv.ParseUint(text, 8, 12)
		mask := uint32(n)
		o.Umask = &mask
		return err
	})
	f.Func("oom-score-adj", "NUMBER from -1000 to 1000", func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < -1000 || n > 1000 {
			return errors.New("must be from -1000 to 1000")
		}
		o.OOMScoreAdj = &n
		return nil
	})
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
	d.Process.Args, err = arguments(d.image, d.options)
	d.Process.OOMScoreAdj = d.options.OOMScoreAdj
	return err
}

// arguments joins entrypoint and command as podman does: a new entrypoint
// replaces the image's command too.
func arguments(image Image, o Options) ([]string, error) {
	entrypoint, command := image.Config.Entrypoint, image.Config.Cmd
	if o.Entrypoint != nil {
		entrypoint, command = o.Entrypoint, nil
	}
	if len(o.Command) > 0 {
		command = o.Command
	}
	args := slices.Concat(entrypoint, command)
	if len(args) == 0 {
		return nil, fmt.Errorf("%s: no command given, and the image has none", image.Name)
	}
	return args, nil
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
