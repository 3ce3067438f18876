package run

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bootrc/sh/syntax"
)

// Text runs a text, line by line: each is read with the aliases that those before it made.
func (sh *Shell) Text(text string) outcome {
	return sh.source(syntax.Text(text), 1)
}

// source runs commands from a source.
func (sh *Shell) source(source syntax.Source, line int) outcome {
	p := syntax.NewParser(source, line)
	p.Alias = sh.aliasText
	for {
		list, err := p.Next()
		if err == io.EOF {
			return next
		}
		if err != nil {
			return sh.syntaxError(err)
		}
		if o := sh.list(list); o != next {
			return o
		}
	}
}

// syntaxError reports a text that is no shell script.
func (sh *Shell) syntaxError(err error) outcome {
	var failed *syntax.Error
	if errors.As(err, &failed) {
		sh.complain(failed.Line, "", fmt.Errorf("syntax error: %s", failed.Text))
	} else {
		sh.complain(0, "", err)
	}
	sh.status = 2
	return erring
}

// eval is the special builtin.
func eval(sh *Shell, args []string) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if err := sh.enter("eval"); err != nil {
		return sh.misuse("eval", err)
	}
	defer func() { sh.depth-- }()
	status := sh.status
	sh.status = 0
	if strings.TrimSpace(text) != "" {
		if needsStatus(text) {
			sh.status = status
		}
		before := sh.status
		ran := false
		o := sh.evalText(text, &ran)
		if !ran && sh.status == before {
			sh.status = 0
		}
		sh.flow = o
	}
	return sh.status
}

// needsStatus tells whether a text may look at $?.
func needsStatus(text string) bool {
	return strings.Contains(text, "?") || strings.Contains(text, "exit") || strings.Contains(text, "return")
}

// evalText is Text that also tells whether there was a command.
func (sh *Shell) evalText(text string, ran *bool) outcome {
	p := syntax.NewParser(syntax.Text(text), max(sh.line, 1))
	p.Alias = sh.aliasText
	for {
		list, err := p.Next()
		if err == io.EOF {
			return next
		}
		if err != nil {
			return sh.syntaxError(err)
		}
		*ran = *ran || len(list) > 0
		if o := sh.list(list); o != next {
			return o
		}
	}
}

// dot is the special builtin.
func dot(sh *Shell, args []string) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return sh.misuse(".", fmt.Errorf("which file to read is missing"))
	}
	text, err := sh.readScript(args[0])
	if err != nil {
		sh.report(".", err)
		sh.flow = erring
		return 2
	}
	if err := sh.enter("."); err != nil {
		return sh.misuse(".", err)
	}
	script, line := sh.script, sh.line
	sh.script = args[0]
	sh.calls++
	status := sh.status
	ran := false
	o := sh.dotText(text, &ran)
	if !ran && sh.status == status {
		sh.status = 0
	}
	sh.calls--
	sh.depth--
	sh.script, sh.line = script, line
	if o != returning {
		sh.flow = o
	}
	return sh.status
}

func (sh *Shell) dotText(text string, ran *bool) outcome {
	line := sh.line
	sh.line = 0
	defer func() { sh.line = line }()
	return sh.evalText(text, ran)
}

// readScript reads the file of a dot command: a name without a slash is looked for along
// $PATH, and then in the shell's folder.
func (sh *Shell) readScript(name string) (string, error) {
	candidates := []string{name}
	if !strings.Contains(name, "/") {
		candidates = nil
		search, _ := sh.Get("PATH")
		for _, folder := range strings.Split(search, ":") {
			if folder != "" {
				folder += "/"
			}
			candidates = append(candidates, folder+name)
		}
	}
	failure := fmt.Errorf("%s: not found", name)
	for _, candidate := range candidates {
		info, err := os.Stat(sh.path(candidate))
		if err != nil || info.IsDir() && len(candidates) > 1 {
			continue
		}
		text, err := os.ReadFile(sh.path(candidate))
		if err == nil {
			return string(text), nil
		}
		failure = fmt.Errorf("cannot read %s: %w", name, explain(err))
	}
	return "", failure
}
