package test

import (
	"fmt"
	"regexp"
	"slices"

	"bootrc/test/machine"
)

// The console lines that CI systems match: alone on their line, an empty line
// after them, nothing else before the carriage return.
const (
	announcement = `\n\[ *[0-9]+\.[0-9]+\]: %s\r\n\r\n`
	statusWords  = `Execution is over, pipeline status: %s`
	offWords     = `It's now safe to turn off your computer`
	rebootWords  = `Rebooting the computer`
)

// announced returns the expression for one of those lines, on a raw console.
func announced(words string) *regexp.Regexp {
	return regexp.MustCompile(fmt.Sprintf(announcement, words))
}

// status waits for the pipeline's status.
func (s *scenario) status(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: status N")
	}
	m, err := s.booted()
	if err != nil {
		return err
	}
	words := fmt.Sprintf(statusWords, regexp.QuoteMeta(args[0]))
	return m.Expect(announced(words), true)
}

func (s *scenario) poweroff(args []string) error { return s.end(args, machine.PowerOff, offWords) }
func (s *scenario) reboot(args []string) error   { return s.end(args, machine.Reboot, rebootWords) }

// end waits for the machine's end, which must have the given reason and, unless
// args say -f, be announced.
func (s *scenario) end(args []string, reason, words string) error {
	force := slices.Equal(args, []string{"-f"})
	if len(args) > 0 && !force {
		return fmt.Errorf("no other argument than -f")
	}
	m, err := s.booted()
	if err != nil {
		return err
	}
	got, err := m.Wait()
	if err != nil {
		return err
	}
	if err := s.ended(); err != nil {
		return err
	}
	if got != reason {
		return fmt.Errorf("the machine ended by %s, not by %s", got, reason)
	}
	if force {
		return nil
	}
	return m.Expect(announced(words), true)
}

// powercut ends the machine at once.
func (s *scenario) powercut([]string) error {
	m, err := s.booted()
	if err != nil {
		return err
	}
	m.Cut()
	return s.ended()
}
