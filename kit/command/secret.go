package command

// Secrets returns what must never be shown of a call's arguments: what the options
// that are secret were given. Arguments that the command would refuse are read as
// far as they can be.
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
	}
	if err == nil && len(c.Verbs) > 0 && len(call.Args) > 0 {
		if verb, err := c.verb(call.Args); err == nil {
			secrets = append(secrets, verb.Secrets(call.Args[1:])...)
		}
	}
	return secrets
}
