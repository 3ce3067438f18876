package cmdline

import (
	"fmt"
	"slices"
	"strings"

	"bootrc/kit/nearest"
	"bootrc/kit/seconds"
)

// lint finds in a line what was hardly meant so, a sentence for each.
func lint(args []Arg) []string {
	var found []string
	for i, arg := range args {
		a := Lookup(arg.Name)
		if a == nil || !arg.HasValue {
			continue
		}
		switch {
		case strings.HasPrefix(arg.Value, "'") && (len(arg.Value) == 1 || !strings.HasSuffix(arg.Value, "'")):
			found = append(found, fmt.Sprintf("argument %s=%s: a single quote quotes nothing on the kernel's command line: write %s=\"%s …\"",
				arg.Name, arg.Value, arg.Name, strings.TrimPrefix(arg.Value, "'")))
		case isContainer(a) && !strings.ContainsAny(arg.Value, separators):
			if lost := wordsOf(args[i+1:]); len(lost) > 0 {
				found = append(found, fmt.Sprintf("%q behind %s=%s is no part of it: write %s=\"%s %s\"",
					strings.Join(lost, " "), arg.Name, arg.Value, arg.Name, arg.Value, strings.Join(lost, " ")))
			}
		case arg.Value != "":
			if err := checkValue(a, arg.Value); err != nil {
				found = append(found, fmt.Sprintf("argument %s=%s: %v", arg.Name, arg.Value, err))
			}
		}
	}
	return found
}

func isContainer(a *Argument) bool { return strings.Contains(a.Values, "IMAGE") }

// kernelFlags are the words without a value that many lines have for the kernel or for an init.
var kernelFlags = strings.Fields(`debug emergency noapic noexec nohz nokaslr nolapic nomodeset nopti
	noresume norandmaps nosmp nosmt nosplash nosmap nosmep nowatchdog nox2apic quiet rescue ro rw single splash text`)

// wordsOf are the words at the beginning of the rest of a line that look like those of a container.
func wordsOf(rest []Arg) []string {
	var words []string
	for _, arg := range rest {
		word := arg.Name
		option := len(words) > 0 && strings.HasPrefix(words[len(words)-1], "-")
		if word == "--" || Lookup(word) != nil || strings.HasPrefix(word, "b2c.") || slices.Contains(kernelFlags, word) ||
			arg.HasValue && !option && !strings.HasPrefix(word, "-") {
			break
		}
		if arg.HasValue {
			word += "=" + arg.Value
		}
		words = append(words, word)
	}
	return words
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
