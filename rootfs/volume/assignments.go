package volume

import (
	"fmt"
	"strings"

	"bootrc/kit/quote"
)

// parse prints what an argument b2c.volume= says, as a shell's assignments for eval.
func (c *invocation) parse() error {
	f := c.flags()
	quiet := f.BoolP("quiet", "q", false, "")
	operands, err := c.parseFlags(f, 1, 1)
	if err != nil {
		return err
	}
	a, err := ParseArgument(operands[0])
	if err != nil {
		return err
	}
	if !*quiet {
		for _, warning := range a.Warnings {
			fmt.Fprintf(c.Stderr, "B2C_WARNING: b2c.volume=%s: %s\n", a.Name, warning)
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
