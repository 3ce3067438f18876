package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"bootrc/kit/command"
	"bootrc/kit/durable"
	"bootrc/kit/keys"
	"bootrc/kit/regular"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

func editCommand() command.Command {
	return command.Command{
		Name: "edit", Summary: "edit a text on the terminal", Operands: "FILE", Run: tool(edit),
		Text: `Arrows, home, end and page keys move. ctrl-s writes the file, ctrl-q leaves, and asks where something is
not written. ctrl-f looks for a text, again with an empty one; ctrl-k cuts a line and ctrl-u puts it back;
ctrl-g goes to a line; ctrl-z takes the last change back.`,
	}
}

// editor is a text on a terminal.
type editor struct {
	keys          func() (string, error)
	draw          func(string)
	width, height int
	name          string

	lines            []string
	row, col         int // of the cursor; col in bytes
	top, left        int // of what is shown; left in columns
	written          string
	cut              string
	sought           string
	message          string
	before           []string // the lines before the last change, for ctrl-z
	beforeR, beforeC int
}

func edit(ctx context.Context, c *call) error {
	screen, ok := command.Terminal(c.caller.Stdout)
	if !ok || !term.IsTerminal(screen) {
		return errors.New("standard output is no terminal: sed changes files in scripts")
	}
	path := c.Path(c.Args[0])
	text, err := regular.Read(path, maxInMemory)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer tty.Close()
	fd := int(tty.Fd())
	width, height, err := term.GetSize(screen)
	if err != nil || width < 20 || height < 4 {
		width, height = 80, 24
	}
	raw, err := term.MakeRaw(fd)
	if err != nil {
		return err
	}
	defer term.Restore(fd, raw)
	e := newEditor(c.Args[0], string(text), width, height)
	e.draw = func(s string) { c.Printf("%s", s) }
	e.keys = keys.Of(c.input(ctx, tty), fd).Next
	err = e.run(func(text string) error { return writeText(ctx, path, text) })
	c.Printf("\x1b[%d;1H\x1b[K\r\n", height)
	return err
}

// writeText replaces a file, whose mode stays.
func writeText(ctx context.Context, path, text string) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := durable.Create(ctx, path, mode)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write([]byte(text)); err != nil {
		return err
	}
	return f.Place()
}

func newEditor(name, text string, width, height int) *editor {
	e := &editor{name: name, width: width, height: height - 1,
		message: "ctrl-s writes, ctrl-q leaves, ctrl-f looks for a text (help edit)"}
	e.lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	e.written = e.text() // a last line that has no end gets one where something else is written
	return e
}

// text is what is written into the file: each line has its end.
func (e *editor) text() string {
	if len(e.lines) == 1 && e.lines[0] == "" {
		return ""
	}
	return strings.Join(e.lines, "\n") + "\n"
}

func (e *editor) run(write func(string) error) error {
	for {
		e.show()
		key, err := e.keys()
		if err != nil {
			return err
		}
		e.message = ""
		switch key {
		case "\x13": // ctrl-s
			if err := write(e.text()); err != nil {
				e.message = err.Error()
			} else {
				e.written, e.message = e.text(), fmt.Sprintf("%d lines written", len(e.lines))
			}
		case "\x11", "\x03": // ctrl-q, ctrl-c
			if e.text() == e.written || e.ask("not written: ctrl-q again leaves all the same, another key goes on") == key {
				return nil
			}
			e.message = ""
		default:
			e.press(key)
		}
	}
}

// ask shows a question, and returns the key that answers it.
func (e *editor) ask(question string) string {
	e.message = question
	e.show()
	key, _ := e.keys()
	return key
}

// read reads a line at the bottom of the screen.
func (e *editor) read(prompt string) (string, bool) {
	text := ""
	for {
		key := e.ask(prompt + text)
		switch {
		case key == "\r" || key == "\n":
			return text, true
		case key == "\x7f" || key == "\b":
			_, n := utf8.DecodeLastRuneInString(text)
			text = text[:len(text)-n]
		case key < " ":
			return "", false
		default:
			text += key
		}
	}
}

// press does what a key asks for.
func (e *editor) press(key string) {
	line := e.lines[e.row]
	switch key {
	case "\x1b[A", "\x10":
		e.row--
	case "\x1b[B", "\x0e":
		e.row++
	case "\x1b[C":
		if e.col == len(line) && e.row+1 < len(e.lines) {
			e.row, e.col = e.row+1, 0
		} else {
			_, n := utf8.DecodeRuneInString(line[e.col:])
			e.col += n
		}
	case "\x1b[D", "\x02":
		if e.col == 0 && e.row > 0 {
			e.row--
			e.col = len(e.lines[e.row])
		} else {
			_, n := utf8.DecodeLastRuneInString(line[:e.col])
			e.col -= n
		}
	case "\x1b[H", "\x1b[1~", "\x1bOH", "\x01":
		e.col = 0
	case "\x1b[F", "\x1b[4~", "\x1bOF", "\x05":
		e.col = len(line)
	case "\x1b[5~":
		e.row -= e.height
	case "\x1b[6~":
		e.row += e.height
	case "\x07": // ctrl-g
		var n int
		if text, ok := e.read("line: "); ok {
			if _, err := fmt.Sscan(text, &n); err == nil {
				e.row, e.col = n-1, 0
			}
		}
		e.message = ""
	case "\x06": // ctrl-f
		e.seek()
	case "\x1a": // ctrl-z
		if e.before != nil {
			e.lines, e.before, e.row, e.col = e.before, nil, e.beforeR, e.beforeC
		}
	default:
		e.change(key)
	}
	e.row = min(max(e.row, 0), len(e.lines)-1)
	e.col = min(max(e.col, 0), len(e.lines[e.row]))
}

// change does what a key asks for that changes the text.
func (e *editor) change(key string) {
	e.before, e.beforeR, e.beforeC = append([]string(nil), e.lines...), e.row, e.col
	line := e.lines[e.row]
	switch {
	case key == "\r" || key == "\n":
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		indent = indent[:min(len(indent), e.col)]
		e.lines[e.row] = line[:e.col]
		e.insertLine(e.row+1, indent+line[e.col:])
		e.row, e.col = e.row+1, len(indent)
	case key == "\x7f" || key == "\b":
		switch {
		case e.col > 0:
			_, n := utf8.DecodeLastRuneInString(line[:e.col])
			e.lines[e.row] = line[:e.col-n] + line[e.col:]
			e.col -= n
		case e.row > 0:
			e.col = len(e.lines[e.row-1])
			e.lines[e.row-1] += line
			e.removeLine(e.row)
			e.row--
		}
	case key == "\x1b[3~":
		switch {
		case e.col < len(line):
			_, n := utf8.DecodeRuneInString(line[e.col:])
			e.lines[e.row] = line[:e.col] + line[e.col+n:]
		case e.row+1 < len(e.lines):
			e.lines[e.row] += e.lines[e.row+1]
			e.removeLine(e.row + 1)
		}
	case key == "\x0b": // ctrl-k
		e.cut = line
		e.removeLine(e.row)
		e.col = 0
	case key == "\x15": // ctrl-u
		e.insertLine(e.row, e.cut)
		e.row, e.col = e.row+1, 0
	case key == "\t" || key >= " " && key[0] != 0x1b:
		e.lines[e.row] = line[:e.col] + key + line[e.col:]
		e.col += len(key)
	}
}

func (e *editor) insertLine(at int, line string) {
	e.lines = append(e.lines[:at:at], append([]string{line}, e.lines[at:]...)...)
}

func (e *editor) removeLine(at int) {
	e.lines = append(e.lines[:at:at], e.lines[at+1:]...)
	if len(e.lines) == 0 {
		e.lines = []string{""}
	}
}

// seek goes to the next place of a text, and from the end to the beginning.
func (e *editor) seek() {
	text, ok := e.read("look for: ")
	e.message = ""
	if !ok {
		return
	}
	if text != "" {
		e.sought = text
	}
	for i := range len(e.lines) + 1 {
		row := (e.row + i) % len(e.lines)
		from := 0
		if i == 0 {
			from = min(e.col+1, len(e.lines[row]))
		}
		if at := strings.Index(e.lines[row][from:], e.sought); at >= 0 && e.sought != "" {
			e.row, e.col = row, from+at
			return
		}
	}
	e.message = "not there: " + e.sought
}

// show draws the screen.
func (e *editor) show() {
	if e.row < e.top {
		e.top = e.row
	}
	e.top = max(e.top, e.row-e.height+1)
	at := columnsOf(e.lines[e.row][:e.col])
	if at < e.left || at >= e.left+e.width {
		e.left = max(0, at-e.width/2)
	}
	var screen strings.Builder
	screen.WriteString("\x1b[?25l\x1b[H")
	for i := range e.height {
		if row := e.top + i; row < len(e.lines) {
			screen.WriteString(cutColumns(expand(e.lines[row]), e.left, e.width))
		}
		screen.WriteString("\x1b[K\r\n")
	}
	changed := ""
	if e.text() != e.written {
		changed = " *"
	}
	status := fmt.Sprintf("%s%s  %d/%d  %s", e.name, changed, e.row+1, len(e.lines), e.message)
	fmt.Fprintf(&screen, "\x1b[7m%s\x1b[m\x1b[K\x1b[%d;%dH\x1b[?25h", cutColumns(expand(status), 0, e.width-1), e.row-e.top+1, at-e.left+1)
	e.draw(screen.String())
}

// expand makes tabs blanks, and what would change the terminal visible.
func expand(line string) string {
	var out bytes.Buffer
	column := 0
	for _, r := range line {
		switch {
		case r == '\t':
			for n := 8 - column%8; n > 0; n-- {
				out.WriteByte(' ')
				column++
			}
			continue
		case r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0:
			r = '?'
		}
		out.WriteRune(r)
		column++
	}
	return out.String()
}

func columnsOf(text string) int { return utf8.RuneCountInString(expand(text)) }

func cutColumns(text string, from, width int) string {
	runes := []rune(text)
	from = min(from, len(runes))
	return string(runes[from:min(len(runes), from+width)])
}
