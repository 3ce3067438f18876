package run

import (
	"io"
	"os"
)

// Anew gives a shell everything but its variables, functions and aliases as it was at first.
// IFS is a variable that works as an option: left behind, it changes how scripts are read.
func (sh *Shell) Anew(name string, stdin *os.File, stdout, stderr io.Writer, dir string, params []string) {
	sh.ResetTraps()
	sh.options = options{}
	sh.options.on['h'] = true
	sh.fds.close()
	sh.fds = descriptors{inherited(stdin), inheritedWriter(stdout), inheritedWriter(stderr)}
	sh.name, sh.script, sh.params, sh.dir = name, name, params, dir
	sh.interactive, sh.aborted, sh.status = false, false, 0
	sh.jobs.leave()
	sh.replace("IFS", variable{value: " \t\n", set: true})
	sh.replace("OPTIND", variable{value: "1", set: true})
	if v := sh.ownVariable("PWD"); !v.readonly {
		sh.Set("PWD", dir)
	}
}

// SetOption switches an option of set, by its letter.
func (sh *Shell) SetOption(letter byte, on bool) error { return sh.setOption(letter, on) }

// UseTerminal lets programs write to the terminal behind a console that changes what goes
// through it: an editor, another shell and the like need the terminal itself.
func (sh *Shell) UseTerminal() {
	for _, f := range sh.fds {
		if f == nil {
			continue
		}
		if console, ok := f.w.(interface{ Terminal() *os.File }); ok {
			f.os, f.foreign = console.Terminal(), true
		}
	}
}

// Leave runs the trap at the end of a shell on which a person typed, and returns its status.
func (sh *Shell) Leave() int {
	sh.runExitTrap()
	return sh.status
}

// SetStatus sets $?.
func (sh *Shell) SetStatus(status int) { sh.status = status }
