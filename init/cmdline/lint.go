package cmdline

import (
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/nearest"
	"bootrc/kit/seconds"
)

// lint finds in a line what was hardly meant so, a sentence for each. Where quotes are missing, what stands there can
// be secret, and nobody knows yet that it is: no sentence has it.
func lint(args []Arg) []string {
	var found []string
	for i, arg := range args {
		a := Lookup(arg.Name)
		if a == nil || !arg.HasValue {
			continue
		}
		switch {
		case isOpened(arg.Value):
			found = append(found, fmt.Sprintf("argument %s: a single quote quotes nothing on the kernel's command line: write %s=\"…\"", arg.Name, arg.Name))
		case isContainer(a) && !strings.ContainsAny(arg.Value, separators):
			if lost := wordsBehind(args[i+1:]); lost > 0 {
				words := "word behind it is"
				if lost > 1 {
					words = fmt.Sprintf("%d words behind it are", lost)
				}
				found = append(found, fmt.Sprintf("argument %s: the %s no part of it: write %s=\"…\" with all of them", arg.Name, words, arg.Name))
			}
		case arg.Value != "":
			if err := checkValue(a, arg.Value); err != nil {
				found = append(found, fmt.Sprintf("argument %s=%s: %v", arg.Name, arg.Value, err))
			}
		}
	}
	return found
}

// isOpened tells whether a value is the first of words that single quotes were to hold together.
func isOpened(value string) bool {
	return strings.HasPrefix(value, "'") && (len(value) == 1 || !strings.HasSuffix(value, "'")) && !strings.ContainsAny(value, separators)
}

func isContainer(a *Argument) bool { return strings.Contains(a.Values, "IMAGE") }

// kernelFlags are the words without a value that many lines have for the kernel or for an init.
var kernelFlags = strings.Fields(`debug emergency noapic noexec nohz nokaslr nolapic nomodeset nopti
	noresume norandmaps nosmp nosmt nosplash nosmap nosmep nowatchdog nox2apic quiet rescue ro rw single splash text`)

// wordsBehind counts the words at the beginning of the rest of a line that look like those of a container.
func wordsBehind(rest []Arg) int {
	option := false
	for i, arg := range rest {
		word := arg.Name
		if word == "--" || Lookup(word) != nil || strings.HasPrefix(word, "b2c.") || slices.Contains(kernelFlags, word) ||
			arg.HasValue && !option && !strings.HasPrefix(word, "-") {
			return i
		}
		option = strings.HasPrefix(word, "-")
	}
	return len(rest)
}

// checkValue refuses a value that is none of those that an argument's table row lists, or no time.
func checkValue(a *Argument, value string) error {
	if a.Kind != Text {
		return nil
	}
	if a.Values == "SECONDS" {
		_, err := seconds.Parse(value)
		return err
	}
	choices := strings.Split(a.Values, "|")
	if strings.Trim(a.Values, "abcdefghijklmnopqrstuvwxyz|") != "" || slices.Contains(choices, value) {
		return nil
	}
	return fmt.Errorf("expected %s%s", strings.Join(choices, " or "), nearest.Question(value, choices))
}
