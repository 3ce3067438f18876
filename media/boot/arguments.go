package main

import "strings"

// saysWhatToRun tells whether the arguments say themselves what to run.
func saysWhatToRun(args []string) bool {
	for _, arg := range args {
		name, _, ok := strings.Cut(strings.TrimPrefix(arg, `"`), "=")
		if ok && (name == "b2c.run" || name == "b2c.container") {
			return true
		}
	}
	return false
}

// kernelLine puts the arguments onto one line, in boot2container's grammar: those with
// whitespace between double quotes, unless they have some of their own.
func kernelLine(args []string) string {
	var words []string
	for _, arg := range args {
		if strings.ContainsAny(arg, " \t\n\v\f\r") && !strings.Contains(arg, `"`) {
			arg = `"` + arg + `"`
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// kernelWord writes one argument so that that grammar reads it back, whatever is in it. A backslash at its end would escape
// the closing quote, and stands behind that.
func kernelWord(argument string) string {
	body := strings.TrimRight(argument, `\`)
	return `"` + strings.ReplaceAll(body, `"`, `\"`) + `"` + argument[len(body):]
}
