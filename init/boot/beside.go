package boot

import (
	"os"
	"os/exec"
	"syscall"
)

// shellsBeside starts a shell on each other console while the boot's own is open, and returns what ends them: who
// stands before a screen may have no serial line. They are processes of their own, without
// the boot's phases and variables.
func (b *boot) shellsBeside() (end func()) {
	if b.beside { // the shell that opens is within another
		return func() {}
	}
	b.beside = true
	var ends []func()
	for _, path := range otherConsoles(activeConsoles, "/dev") {
		if end, err := b.startShell(path); err == nil {
			ends = append(ends, end)
		} else {
			b.out.Report("no shell on " + path + ": " + err.Error())
		}
	}
	return func() {
		for _, end := range ends {
			end()
		}
		b.beside = false
	}
}

// startShell starts a shell on a terminal.
func (b *boot) startShell(path string) (end func(), err error) {
	tty, err := openConsole(path, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	defer tty.Close()
	if err := makeSane(int(tty.Fd())); err != nil {
		return nil, err
	}
	shell := exec.Command("/init", "sh", "-i")
	shell.Dir, shell.Stdin, shell.Stdout, shell.Stderr = "/", tty, tty, tty
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := shell.Start(); err != nil {
		return nil, err
	}
	return func() {
		shell.Process.Kill() // what it runs gets SIGHUP: it leads the terminal's session
		shell.Wait()
	}, nil
}
