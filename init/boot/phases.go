package boot

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/init/cmdline"
	"bootrc/kit/nearest"
)

// firstFinal is the name from which on hooks always run, whatever failed before.
const firstFinal = "90"

// phase is one hook: the file NN-name.sh.
type phase struct {
	file string // its base name
}

// name is what a person calls the phase: "network" of "30-network.sh".
func (p phase) name() string {
	_, name, _ := strings.Cut(strings.TrimSuffix(p.file, ".sh"), "-")
	return name
}

func (p phase) final() bool { return p.file >= firstFinal }

// is tells whether a word of the command line means this phase.
func (p phase) is(word string) bool {
	return word == p.name() || word == p.file || word+".sh" == p.file
}

func (p phase) in(words []string) bool { return slices.ContainsFunc(words, p.is) }

// phasesIn lists the hooks in a folder, in the order in which they run.
func phasesIn(folder string) ([]phase, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var all []phase
	for _, e := range entries {
		if isHookName(e.Name()) && !e.IsDir() {
			all = append(all, phase{e.Name()})
		}
	}
	return all, nil
}

// isHookName tells whether a file's name has the form NN-name.sh; others in
// the folder are not run, so that hooks can keep files beside them.
func isHookName(name string) bool {
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	return len(name) > len("NN-.sh") && digit(name[0]) && digit(name[1]) && name[2] == '-' &&
		filepath.Ext(name) == ".sh"
}

// selection is what the command line says of phases.
type selection struct {
	skip, breakAt, trace []string
	limited              []string // have a deadline
	traceAll             bool
}

func newSelection(line *cmdline.Line) selection {
	s := selection{skip: line.Words("b2c.skip"), breakAt: line.Words("b2c.break"), trace: line.Words("b2c.trace")}
	if limits, err := parseDeadlines(line.Value("b2c.deadline")); err == nil {
		s.limited = limits.names()
	}
	if slices.Equal(s.trace, []string{"1"}) {
		s.trace, s.traceAll = nil, true
	}
	return s
}

// check refuses words that name no phase. Hooks that are still to be fetched
// count: announced holds their file names.
func (s selection) check(phases []phase, announced []string) error {
	for _, file := range announced {
		phases = append(phases, phase{file})
	}
	for _, named := range s.named() {
		for _, word := range named.words {
			if !slices.ContainsFunc(phases, func(p phase) bool { return p.is(word) }) {
				return fmt.Errorf("argument %s=%s: no such phase%s; there are: %s", named.argument, word, meant(word, phases), list(phases))
			}
		}
	}
	return nil
}

// meant asks for the phase whose name was misspelt.
func meant(word string, phases []phase) string {
	return nearest.Question(word, names(phases))
}

// named is which phases an argument names.
type named struct {
	argument string
	words    []string
}

func (s selection) named() []named {
	return []named{{"b2c.deadline", s.limited}, {"b2c.skip", s.skip}, {"b2c.break", s.breakAt}, {"b2c.trace", s.trace}}
}

func list(phases []phase) string { return strings.Join(names(phases), ", ") }

func names(phases []phase) []string {
	all := make([]string, len(phases))
	for i, p := range phases {
		all[i] = p.name()
	}
	return all
}
