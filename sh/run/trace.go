package run

import (
	"strings"

	"bootrc/sh/syntax"
	"bootrc/sh/word"
)

// trace prints a command before it runs, as set -x asks for.
func (sh *Shell) trace(args []string) {
	sh.traceTo(sh.fds.get(2), args)
}

// traceOn is trace for a command whose redirections are done: they are not the trace's.
func (sh *Shell) traceOn(r *redirection, args []string) {
	to := sh.fds.get(2)
	for i := range r.n {
		if r.was[i].fd == 2 {
			to = r.was[i].file
			break
		}
	}
	sh.traceTo(to, args)
}

func (sh *Shell) traceTo(to *file, args []string) {
	words := sh.traced
	sh.traced = nil
	for _, arg := range args {
		words = append(words, quoteIfNeeded(arg))
	}
	to.Write([]byte(sh.tracePrefix() + strings.Join(words, " ") + "\n"))
}

// tracePrefix is $PS4, expanded.
func (sh *Shell) tracePrefix() string {
	text, _ := sh.Get("PS4")
	sh.options.on['x'] = false
	defer func() { sh.options.on['x'] = true }()
	return sh.expandPrompt(text)
}

// expandPrompt expands what is in a prompt; $? stays what it was.
func (sh *Shell) expandPrompt(text string) string {
	if !strings.ContainsAny(text, "$`") {
		return text
	}
	defer func(status int) { sh.status = status }(sh.status)
	expanded, err := word.Text(sh, syntax.Document(text))
	if err != nil {
		return text
	}
	return expanded
}
