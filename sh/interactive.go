package sh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/peterh/liner"
	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// Interactive reads commands from the terminal that is this process's standard
// input, until `exit` or the end of input. Ctrl-c ends the running command or
// empties the line, never the shell. It returns the exit status.
//
// It leaves the terminal as it found it. The line editor reads file descriptor
// 0 and writes to 1, whatever the shell's own streams are.
func (s *Shell) Interactive(ctx context.Context) uint8 {
	if err := s.startAnew(ctx, Options{}); err != nil {
		fmt.Fprintf(s.config.Stderr, "starting the interactive shell: %v\n", err)
		return 1
	}
	s.typed = true
	defer func() { s.typed = false }()
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

	var status uint8
	for ctx.Err() == nil {
		editing.ApplyMode()
		statements, err := s.readStatements(editor)
		cooked.ApplyMode()
		if errors.Is(err, io.EOF) {
			return status
		}
		if err != nil {
			fmt.Fprintln(s.config.Stderr, err)
			status = 2
			continue
		}
		for _, statement := range statements {
			status = s.runTyped(ctx, statement)
			if s.runner.Exited() {
				return status
			}
		}
	}
	return status
}

// readStatements reads lines until they are whole statements.
func (s *Shell) readStatements(editor *liner.State) ([]*syntax.Stmt, error) {
	var text strings.Builder
	prompt := s.prompt()
	for {
		line, err := editor.Prompt(prompt)
		if errors.Is(err, liner.ErrPromptAborted) {
			return nil, nil
		}
		if err != nil {
			return nil, io.EOF
		}
		text.WriteString(line + "\n")
		file, err := parse(strings.NewReader(text.String()), "")
		if syntax.IsIncomplete(err) {
			prompt = "> "
			continue
		}
		if typed := strings.TrimSpace(text.String()); typed != "" {
			editor.AppendHistory(strings.ReplaceAll(typed, "\n", " "))
		}
		if err != nil {
			return nil, err
		}
		return file.Stmts, nil
	}
}

func (s *Shell) prompt() string {
	return "bootrc:" + s.runner.Dir + "# "
}

// runTyped runs one statement; an interrupt ends it.
func (s *Shell) runTyped(ctx context.Context, statement *syntax.Stmt) uint8 {
	ctx, release := Interruptible(ctx)
	defer release()
	err := s.runner.Run(ctx, statement)
	var status interp.ExitStatus
	switch {
	case ctx.Err() != nil:
		// the interrupt ended the statement, and must not end the shell with it
		s.clearExit()
		fmt.Fprintln(s.config.Stderr)
		return 130
	case err == nil:
		return 0
	case errors.As(err, &status):
		return uint8(status)
	default:
		fmt.Fprintln(s.config.Stderr, err)
		return 1
	}
}

// clearExit makes the interpreter go on after a run that was cut off, with the
// status that `$?` has after an interrupt.
func (s *Shell) clearExit() {
	status := &syntax.Stmt{Cmd: &syntax.Subshell{Stmts: []*syntax.Stmt{{
		Cmd: &syntax.CallExpr{Args: []*syntax.Word{quoted("exit"), quoted("130")}},
	}}}}
	s.runner.Run(context.Background(), status)
}

// setDefaultSize gives a terminal that does not know its size, as a serial line,
// the usual one: the line editor needs a width.
func setDefaultSize(fd int) {
	if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && size.Col == 0 {
		unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
	}
}
