package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"bootrc/media/load"
	"bootrc/test/machine"
)

// run runs the machine to its end.
func (o options) run(k kernel, j *job, initramfs string) (status int, err error) {
	line, err := load.Set{Arch: o.arch, Words: j.arguments}.CommandLine()
	if err != nil {
		return statusFailed, err
	}
	hw := machine.Hardware{
		Arch: o.arch, Memory: o.memory, Disks: j.disks, Extra: slices.Concat(j.qemu, o.qemu),
		Kernel: k.image, Initramfs: initramfs, Arguments: line,
		Output: os.Stdout, Keyboard: os.Stdin,
	}
	if o.network {
		hw.NICs = []string{machine.User}
	}
	if o.console != "" {
		log, err := os.Create(o.console)
		if err != nil {
			return statusFailed, err
		}
		defer log.Close()
		hw.Output = io.MultiWriter(os.Stdout, log)
	}
	m, err := machine.Start(hw, o.timeout)
	if err != nil {
		return statusFailed, err
	}
	_, err = m.Wait()
	return outcome(m.Console.Raw(), err, o.timeout.String())
}

// outcome is the status of a machine that wrote console, and for which waiting ended with err.
func outcome(console []byte, err error, limit string) (status int, _ error) {
	status, ok := machine.Status(console)
	switch {
	case errors.Is(err, machine.ErrLate):
		return statusLate, fmt.Errorf("the machine did not end within --timeout %s: %s", limit, lastWords(console))
	case err != nil:
		return statusFailed, err
	case !ok:
		return statusEnded, fmt.Errorf("the machine ended without a pipeline status: %s", lastWords(console))
	}
	return status, nil
}

// panicLine is what a kernel says before it dies, and before some lines on where it was.
var panicLine = regexp.MustCompile(`Kernel panic - [^\r\n]*`)

// lastWords is what a machine said at its end: why its kernel panicked, or the last line with anything in it.
func lastWords(console []byte) string {
	if found := panicLine.Find(console); found != nil {
		return fmt.Sprintf("its kernel said %q", found)
	}
	last := ""
	for line := range strings.FieldsFuncSeq(string(console), func(r rune) bool { return r == '\n' || r == '\r' }) {
		last = cmp.Or(strings.TrimSpace(line), last)
	}
	return fmt.Sprintf("its last line was %q", last)
}
