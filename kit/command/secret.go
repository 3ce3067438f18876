package command

import (
	"slices"
	"strings"
)

// Secrets returns what must never be shown of a call's arguments: what the options
// that are secret were given. Arguments that the command would refuse are read, too:
// behind an option that does not exist, each word that is spelled as a secret option
// counts as one.
func (c Command) Secrets(args []string) []string {
	call := &Call{Args: args}
	err := c.parse(call)
	var secrets []string
	for i := range call.declared {
		o := &call.declared[i]
		if o.Secret == nil {
			continue
		}
		for _, value := range call.Given(o.name()) {
			secrets = append(secrets, o.Secret(value)...)
		}
		if err != nil {
			secrets = append(secrets, o.secretsIn(args)...)
		}
	}
	if err == nil && len(c.Verbs) > 0 && len(call.Args) > 0 {
		if verb, err := c.verb(call.Args); err == nil {
			secrets = append(secrets, verb.Secrets(call.Args[1:])...)
		}
	}
	slices.Sort(secrets)
	return slices.Compact(secrets)
}

// secretsIn looks for the option in words that cannot be parsed.
func (o *Option) secretsIn(words []string) []string {
	var secrets []string
	for i, word := range words {
		typed, value, hasValue := strings.Cut(word, "=")
		switch {
		case o.isSpelled(typed) && hasValue:
			secrets = append(secrets, o.Secret(value)...)
		case o.isSpelled(word) && i+1 < len(words):
			secrets = append(secrets, o.Secret(words[i+1])...)
		}
	}
	return secrets
}
