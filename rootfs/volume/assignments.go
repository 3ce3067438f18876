package volume

import (
	"fmt"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/quote"
)

func parseCommand() command.Command {
	return command.Command{
		Name: "parse", Summary: "print what an argument b2c.volume= says, as assignments for eval", Operands: "ARGUMENT",
		Options: []command.Option{{Names: "-q, --quiet", Help: "do not warn of parameters that are unknown"}},
	}
}

func (c *invocation) parse() error {
	a, err := ParseArgument(c.Args[0])
	if err != nil {
		return err
	}
	if !c.Flag("quiet") {
		for _, warning := range a.Warnings {
			c.Caution("b2c.volume=" + a.Name + ": " + warning)
		}
	}
	c.Printf("%s", a.assignments())
	return nil
}

// assignments is the argument as shell variables. Those in the plural hold quoted words.
func (a *Argument) assignments() string {
	var options []string
	if a.Expiration != "" {
		options = append(options, "--expiration="+a.Expiration)
	}
	if a.ResetKey {
		options = append(options, "--fscrypt-reset-key")
	}
	var b strings.Builder
	for _, variable := range []struct{ name, value string }{
		{"name", a.Name},
		{"filesystem", a.Filesystem},
		{"options", quote.Words(options)},
		{"fscrypt_key", a.Key},
		{"pull_from", a.PullFrom},
		{"pull_on", strings.Join(a.PullOn, " ")},
		{"push_to", a.PushTo},
		{"push_on", strings.Join(a.PushOn, " ")},
		{"mirror_options", quote.Words(a.MirrorOptions)},
	} {
		fmt.Fprintf(&b, "volume_%s=%s\n", variable.name, quote.Word(variable.value))
	}
	return b.String()
}
