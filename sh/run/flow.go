package run

import (
	"fmt"
	"strconv"
)

// number reads the operand of break, continue, exit, return and shift.
func number(args []string, least, otherwise int) (int, error) {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return otherwise, nil
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < least {
		return 0, fmt.Errorf("illegal number: %s", args[0])
	}
	return n, nil
}

func leave(sh *Shell, name string, args []string, o outcome) int {
	n, err := number(args, 1, 1)
	if err != nil {
		return sh.misuse(name, err)
	}
	if sh.loops > 0 {
		sh.levels, sh.flow = min(n, sh.loops), o
	}
	return 0
}

func breakLoop(sh *Shell, args []string) int    { return leave(sh, "break", args, breaking) }
func continueLoop(sh *Shell, args []string) int { return leave(sh, "continue", args, continuing) }

func exit(sh *Shell, args []string) int {
	status, err := number(args, 0, sh.status)
	if err != nil {
		return sh.misuse("exit", err)
	}
	sh.flow = exiting
	return status & 0xff
}

func returnFunction(sh *Shell, args []string) int {
	status, err := number(args, 0, sh.status)
	if err != nil {
		return sh.misuse("return", err)
	}
	sh.flow = returning
	return status & 0xff
}

func shift(sh *Shell, args []string) int {
	n, err := number(args, 0, 1)
	if err == nil && n > len(sh.params) {
		err = fmt.Errorf("cannot shift %d: there are %d parameters", n, len(sh.params))
	}
	if err != nil {
		return sh.misuse("shift", err)
	}
	sh.params = sh.params[n:]
	return 0
}
