package test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// argument matches one of a command line, with its value in or without quotes.
var argument = regexp.MustCompile(`([^\s="]+)(?:="([^"]*)"|=(\S*))?`)

// echoes returns what a console may show of a kernel's arguments and of what is typed, whatever
// comes of them: the kernel shows its command line, the boot an argument before what is wrong
// with it and a container's after its end, and a terminal the keys after its prompt.
func echoes(arguments string, typed []string) string {
	var lines strings.Builder
	fmt.Fprintf(&lines, "[    0.000000] Command line: %s\n", arguments)
	fmt.Fprintf(&lines, "[    0.000000] Kernel command line: %s\n", arguments)
	for _, parts := range argument.FindAllStringSubmatch(arguments, -1) {
		name, value := parts[1], parts[2]+parts[3]
		fmt.Fprintf(&lines, "%s=%s: \nERROR: argument %[1]s=%[2]s: \n", name, value)
		if strings.HasPrefix(name, "b2c.run") {
			fmt.Fprintf(&lines, "[9.99]: the container ended with status 0: %s\n", value)
		}
	}
	for _, text := range typed {
		fmt.Fprintf(&lines, "# %s\n", text)
	}
	return lines.String()
}

// checkExpected refuses an expression that would be found on the console even where nothing is
// as the scenario has it: in what is echoed, or in what a boot shows that is told nothing.
func (s *scenario) checkExpected(re *regexp.Regexp) error {
	if shown := re.FindString(echoes(s.arguments, s.typed)); shown != "" {
		return fmt.Errorf("%s is found whatever comes: %q is an echo", re, shown)
	}
	plain, err := s.lab.plain()
	if err != nil {
		return fmt.Errorf("the boot without arguments: %w", err)
	}
	if shown := re.FindString(plain); shown != "" {
		return fmt.Errorf("%s is found whatever comes: every boot shows %q", re, shown)
	}
	return nil
}

// bootPlain returns what the console of a boot shows that is told nothing.
func (l *lab) bootPlain() (string, error) {
	s := l.scenario("plain", filepath.Join(l.builder.dir, "plain"))
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		return "", err
	}
	if err := s.boot(""); err != nil {
		return "", err
	}
	_, err := s.running.Wait()
	return s.running.Console.Text(), err
}
