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
