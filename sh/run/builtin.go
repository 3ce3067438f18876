package run

// utility is a command that needs the shell itself.
type utility struct {
	// run takes the arguments after the name, and returns the status. It may keep the
	// strings, but not the slice.
	run     func(sh *Shell, args []string) int
	special bool // XCU 2.15
}

// IsBuiltin tells whether the language itself has a command of that name.
func IsBuiltin(name string) bool {
	_, ok := builtinOf(name)
	return ok
}

// builtinOf returns the builtin of that name. It is a function and no map, so that it
// costs nothing when the program starts.
func builtinOf(name string) (b utility, ok bool) {
	switch name {
	case ":":
		return utility{colon, true}, true
	case ".":
		return utility{dot, true}, true
	case "break":
		return utility{breakLoop, true}, true
	case "continue":
		return utility{continueLoop, true}, true
	case "eval":
		return utility{eval, true}, true
	case "exec":
		return utility{execute, true}, true
	case "exit":
		return utility{exit, true}, true
	case "export":
		return utility{export, true}, true
	case "readonly":
		return utility{readonly, true}, true
	case "return":
		return utility{returnFunction, true}, true
	case "set":
		return utility{set, true}, true
	case "shift":
		return utility{shift, true}, true
	case "times":
		return utility{times, true}, true
	case "trap":
		return utility{trap, true}, true
	case "unset":
		return utility{unset, true}, true
	}
	run := regularBuiltin(name)
	return utility{run, false}, run != nil
}

func regularBuiltin(name string) func(sh *Shell, args []string) int {
	switch name {
	case "[", "test":
		if name == "[" {
			return bracket
		}
		return test
	case "alias":
		return alias
	case "bg":
		return bg
	case "cd":
		return cd
	case "command":
		return commandBuiltin
	case "echo":
		return echo
	case "false":
		return falseBuiltin
	case "fg":
		return fg
	case "getopts":
		return getopts
	case "hash":
		return hash
	case "jobs":
		return listJobs
	case "local":
		return local
	case "printf":
		return printf
	case "pwd":
		return pwd
	case "read":
		return read
	case "true":
		return colon
	case "type":
		return typeBuiltin
	case "ulimit":
		return ulimit
	case "umask":
		return umask
	case "unalias":
		return unalias
	case "wait":
		return wait
	}
	return nil
}

func colon(*Shell, []string) int        { return 0 }
func falseBuiltin(*Shell, []string) int { return 1 }
