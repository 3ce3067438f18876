package sh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bootrc/kit/keys"
	"bootrc/sh/syntax"

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
	cooked, err := unix.IoctlGetTermios(unix.Stdin, unix.TCGETS)
	if err != nil {
		fmt.Fprintf(s.config.Stderr, "starting the interactive shell: standard input is no terminal: %v\n", err)
		return 1
	}
	if s.config.Beside != nil {
		defer s.config.Beside()()
	}
	editor := &lineEditor{typing: &typing{keys: keys.Of(os.Stdin, unix.Stdin)}, complete: s.complete}

	// what this shell runs within is not what ctrl-c here is for
	_, release := Interruptible(ctx)
	defer release()

	typed := &typedLines{editor: editor, shell: s}
	parser := syntax.NewParser(typed, 1)
	parser.Alias = s.run.Alias
	for ctx.Err() == nil {
		setMode(editing(*cooked))
		commands, err := parser.Next()
		setMode(*cooked)
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
	editor *lineEditor
	shell  *Shell
	text   strings.Builder // since the last command
}

// Line is syntax.Source's.
func (t *typedLines) Line(more bool) (string, error) {
	prompt := t.shell.prompt()
	if more {
		prompt = "> "
	}
	line, err := t.editor.read(prompt)
	if errors.Is(err, errAborted) {
		return "", err
	}
	if err != nil {
		return "", io.EOF
	}
	t.text.WriteString(line + "\n")
	return line + "\n", nil
}

// remember puts what was typed into the history.
func (t *typedLines) remember() {
	t.editor.history.remember(t.text.String())
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

// editing is a terminal's mode while a line is typed: each key comes at once, and as it is. Output stays as it was:
// jobs in the background print, too.
func editing(mode unix.Termios) unix.Termios {
	mode.Iflag &^= unix.ICRNL | unix.INPCK | unix.ISTRIP | unix.IXON
	mode.Lflag &^= unix.ECHO | unix.ICANON | unix.IEXTEN | unix.ISIG
	mode.Cflag |= unix.CS8
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	return mode
}

func setMode(mode unix.Termios) { unix.IoctlSetTermios(unix.Stdin, unix.TCSETSW, &mode) }

// setDefaultSize gives a terminal that does not know its size, as a serial line,
// the usual one: the line editor needs a width.
func setDefaultSize(fd int) {
	if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil && size.Col == 0 {
		unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
	}
}
