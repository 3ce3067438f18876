package sh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"bootrc/sh/syntax"

	"github.com/peterh/liner"
	"golang.org/x/sys/unix"
)

// Interactive reads commands from the terminal that is this process's standard
// input, until `exit` or the end of input. Ctrl-c ends the running command or
// empties the line, never the shell. It returns the exit status.
//
// It leaves the terminal as it found it. The line editor reads file descriptor
// 0 and writes to 1, whatever the shell's own streams are.
func (s *Shell) Interactive(ctx context.Context) uint8 {
	s.startAnew("sh", Options{})
	return s.interact(ctx)
}

// interact is Interactive with the options that the shell has.
func (s *Shell) interact(ctx context.Context) uint8 {
	s.run.UseTerminal()
	defer s.run.ControlJobs()()
	setDefaultSize(unix.Stdin)
	cooked, err := liner.TerminalMode()
	if err != nil {
		fmt.Fprintf(s.config.Stderr, "starting the interactive shell: standard input is no terminal: %v\n", err)
		return 1
	}
	editor := liner.NewLiner()
	defer editor.Close()
	editor.SetCtrlCAborts(true)
	editor.SetTabCompletionStyle(liner.TabPrints)
	editor.SetWordCompleter(s.complete)
	editing, _ := liner.TerminalMode()

	// what this shell runs within is not what ctrl-c here is for
	_, release := Interruptible(ctx)
	defer release()

	typed := &typedLines{editor: editor, shell: s}
	parser := syntax.NewParser(typed, 1)
	parser.Alias = s.run.Alias
	for ctx.Err() == nil {
		editing.ApplyMode()
		commands, err := parser.Next()
		cooked.ApplyMode()
		typed.remember()
		switch {
		case errors.Is(err, errAborted):
			parser.Again()
			continue
		case errors.Is(err, io.EOF):
			return uint8(s.run.Leave())
		case err != nil:
			fmt.Fprintln(s.config.Stderr, err)
			s.run.SetStatus(2)
			continue
		}
		if s.runTyped(ctx, commands) {
			return uint8(s.run.Leave())
		}
	}
	return uint8(s.run.Leave())
}

// typedLines is what a person types, line by line.
type typedLines struct {
	editor *liner.State
	shell  *Shell
	text   strings.Builder // since the last command
}

// errAborted is ctrl-c while a line is typed.
var errAborted = errors.New("aborted")

// Line is syntax.Source's.
func (t *typedLines) Line(more bool) (string, error) {
	prompt := t.shell.prompt()
	if more {
		prompt = "> "
	}
	line, err := t.editor.Prompt(prompt)
	if errors.Is(err, liner.ErrPromptAborted) {
		return "", errAborted
	}
	if err != nil {
		return "", io.EOF
	}
	t.text.WriteString(line + "\n")
	return line + "\n", nil
}

// remember puts what was typed into the history.
func (t *typedLines) remember() {
	if typed := strings.TrimSpace(t.text.String()); typed != "" {
		t.editor.AppendHistory(strings.ReplaceAll(typed, "\n", " "))
	}
	t.text.Reset()
}

func (s *Shell) prompt() string {
	return "bootrc:" + s.run.Dir() + "# "
}

// runTyped runs a line; an interrupt ends all of it. It tells whether the shell ends.
func (s *Shell) runTyped(ctx context.Context, commands syntax.List) (exits bool) {
	ctx, release := s.heed(ctx)
	defer release()
	exits = s.run.Typed(ctx, commands)
	if ctx.Err() != nil {
		fmt.Fprintln(s.config.Stderr)
		return false
	}
	return exits
}

// setDefaultSize gives a terminal that does not know its size, as a serial line,
// the usual one: the line editor needs a width.
func setDefaultSize(fd int) {
	if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && size.Col == 0 {
		unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
	}
}
