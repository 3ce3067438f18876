package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"bootrc/kit/command"
)

// tableEntries yields each command and verb with the words that call it.
func tableEntries(t *testing.T, visit func(words []string, c command.Command)) {
	for _, g := range allGroups(t) {
		for _, c := range g.commands {
			for path, c := range c.All() {
				visit(strings.Fields(path), c)
			}
		}
	}
}

// Every command and verb answers --help with status 0 before it does anything: nothing
// that it could run is called.
func TestHelp(t *testing.T) {
	for _, g := range allGroups(t) {
		for _, c := range g.commands {
			for path, explained := range c.All() {
				words := append(strings.Fields(path)[1:], "--help")
				var out, errs bytes.Buffer
				status := idle(t, path, c).Execute(t.Context(), &command.Call{Name: c.Name, Args: words, Stdin: unread{t, path}, Stdout: &out, Stderr: &errs})
				if status != 0 || !strings.HasPrefix(out.String(), "usage: "+path) || errs.Len() > 0 || !mentionsAll(out.String(), explained) {
					t.Errorf("%s --help: status %d, %q, %q", path, status, &out, &errs)
				}
			}
		}
	}
}

// mentionsAll tells whether help explains each option and verb of a command.
func mentionsAll(help string, c command.Command) bool {
	for _, o := range c.Options {
		if !strings.Contains(help, o.Spelling()) || !strings.Contains(help, o.Help) {
			return false
		}
	}
	for _, v := range c.Verbs {
		if !strings.Contains(help, v.Summary) {
			return false
		}
	}
	return strings.Contains(help, c.Summary)
}

// idle is a command that must not run, nor its verbs.
func idle(t *testing.T, path string, c command.Command) command.Command {
	if c.Run != nil {
		c.Run = func(context.Context, *command.Call) error {
			t.Errorf("%s --help runs the command", path)
			return nil
		}
	}
	c.Verbs = slices.Clone(c.Verbs)
	for i := range c.Verbs {
		c.Verbs[i] = idle(t, path, c.Verbs[i])
	}
	return c
}

// unread is a standard input that nobody may read.
type unread struct {
	t    *testing.T
	path string
}

func (u unread) Read([]byte) (int, error) {
	u.t.Errorf("%s --help reads its standard input", u.path)
	return 0, errors.New("not to be read")
}

func TestEveryOptionIsExplained(t *testing.T) {
	isPhrase := func(s string) bool {
		return s != "" && strings.TrimSpace(s) == s && !strings.HasSuffix(s, ".") && (!unicode.IsUpper([]rune(s)[0]) || len(s) > 1 && unicode.IsUpper([]rune(s)[1]))
	}
	tableEntries(t, func(words []string, c command.Command) {
		path := strings.Join(words, " ")
		if !isPhrase(c.Summary) {
			t.Errorf("%s: summary %q", path, c.Summary)
		}
		if c.Run == nil && len(c.Verbs) == 0 && !slices.Contains([]string{"extra-args", "fetch-hook", "last-boot", "phase", "again", "set-arg"}, words[0]) {
			t.Errorf("%s does nothing", path)
		}
		spelled := map[string]bool{}
		for _, o := range c.Options {
			if !isPhrase(o.Help) {
				t.Errorf("%s %s: help %q", path, o.Names, o.Help)
			}
			for name := range strings.SplitSeq(o.Names, ", ") {
				if spelled[name] || !strings.HasPrefix(name, "-") || len(name) < 2 {
					t.Errorf("%s: option %q", path, name)
				}
				spelled[name] = true
			}
			if err := o.CheckDefault(); err != nil {
				t.Errorf("%s %s: default: %v", path, o.Names, err)
			}
		}
	})
}
