package builtin

import (
	"context"
	"strings"

	"bootrc/kit/command"
)

// Echo is echo, as in dash: with escapes, and -n.
func Echo(_ context.Context, call *command.Call) error {
	args, end := call.Args, "\n"
	if len(args) > 0 && args[0] == "-n" {
		args, end = args[1:], ""
	}
	text := strings.Join(args, " ")
	if strings.IndexByte(text, '\\') >= 0 {
		var stop bool
		if text, stop = unescape(text, true); stop {
			end = ""
		}
	}
	_, err := call.Stdout.Write([]byte(text + end))
	return err
}
