package word

// UnsetError reports a parameter that has no value: by ${name?message} or ${name:?message}, or by
// the option -u. It ends a script.
type UnsetError struct{ Name, Message string }

func (e *UnsetError) Error() string { return e.Name + ": " + e.Message }

// SubstitutionError reports a ${…} that is malformed. It ends a script.
type SubstitutionError struct{ Text string }

func (e *SubstitutionError) Error() string { return e.Text + ": bad substitution" }
