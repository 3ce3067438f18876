package tools

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/durable"
)

func sedCommand() command.Command {
	return command.Command{
		Name: "sed", Summary: "change the lines of a text as a script says", Operands: "[SCRIPT] [FILE…]",
		Forms: []string{"[-nE] [-i] SCRIPT [FILE…]", "[-nE] [-i] -e SCRIPT [-e SCRIPT]… [FILE…]"},
		Text: `A SCRIPT is commands, parted by ; or lines: s/PATTERN/TEXT/ with the flags g, p, i and a number; y/abc/xyz/;
d, p, q, =, N; a, i and c TEXT (to the line's end); { … }. Before each stands what lines it is for: a number, $, /PATTERN/,
two of these with a comma between, and ! for the others.`,
		Options: []command.Option{
			{Names: "-n, --quiet", Help: "print only what p prints"},
			{Names: "-E, -r, --regexp-extended", Help: "read patterns as extended regular expressions"},
			{Names: "-e, --expression", Value: "SCRIPT", Kind: command.List, Help: "run this script, too"},
			{Names: "-i, --in-place", Help: "write what comes out into the files"},
		},
		Examples: []string{"sed -n '/error/,$p' log", "sed -i 's/^eth0/eth1/' /hooks/30-network.sh"},
		Run:      tool(sed),
	}
}

func sed(ctx context.Context, c *call) error {
	scripts, files := c.List("expression"), c.Args
	if len(scripts) == 0 {
		if len(files) == 0 {
			return command.Usagef("expected SCRIPT")
		}
		scripts, files = files[:1], files[1:]
	}
	p := &sedParser{text: strings.Join(scripts, "\n"), extended: c.Flag("regexp-extended")}
	commands, err := p.list(false)
	if err != nil {
		return command.Usagef("script: %w", err)
	}
	e := &sedding{commands: commands, quiet: c.Flag("quiet")}
	if !c.Flag("in-place") {
		in := c.inputs(ctx, files)
		defer in.Close()
		return e.run(ctx, in, c.out)
	}
	return c.each(ctx, files, func(name string) error { return e.inPlace(ctx, c, name) })
}

// inputs reads files one after the other, standard input where there are none; what cannot be read
// is reported. A last line that has no end gets one where another file follows.
func (c *call) inputs(ctx context.Context, files []string) io.ReadCloser {
	if len(files) == 0 {
		files = []string{"-"}
	}
	return &inputs{ctx: ctx, call: c, left: files}
}

type inputs struct {
	ctx  context.Context
	call *call
	left []string
	now  io.ReadCloser
	last byte // that was read
}

func (in *inputs) Read(p []byte) (int, error) {
	for {
		if in.now == nil {
			if len(in.left) == 0 {
				return 0, io.EOF
			}
			in.next()
			continue
		}
		n, err := in.now.Read(p)
		if n > 0 {
			in.last = p[n-1]
		}
		if err == nil || n > 0 {
			return n, nil
		}
		in.now.Close()
		in.now = nil
		if stop := errors.Join(in.ctx.Err(), in.call.outputError()); stop != nil {
			return 0, stop
		}
		if err != io.EOF {
			in.call.fail(err)
		}
	}
}

// next opens the next file.
func (in *inputs) next() {
	f, err := in.call.open(in.ctx, in.left[0])
	in.left = in.left[1:]
	if err != nil {
		in.call.fail(err)
		return
	}
	in.now = f
	if in.last != 0 && in.last != '\n' {
		in.now = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(strings.NewReader("\n"), f), f}
	}
}

func (in *inputs) Close() error {
	if in.now == nil {
		return nil
	}
	return in.now.Close()
}

func (e *sedding) inPlace(ctx context.Context, c *call, name string) error {
	path := c.Path(name)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	in, err := c.open(ctx, name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := durable.Create(ctx, path, info.Mode().Perm())
	if err != nil {
		return err
	}
	defer out.Discard()
	w := bufio.NewWriter(out)
	own := &sedding{commands: e.commands, quiet: e.quiet}
	for i := range own.commands {
		own.commands[i].forget()
	}
	if err := own.run(ctx, in, w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return out.Place()
}

// sedLine is one command of a script, with the lines that it is for.
type sedLine struct {
	from, to *sedAddress // nil: every line, or from's alone
	not      bool
	verb     byte
	text     string // of a, i, c
	re       *regexp.Regexp
	with     []sedPart // of s
	global   bool
	print    bool
	nth      int
	table    *[256]byte // of y
	body     []sedLine
	within   bool // from has matched, to has not yet
}

func (l *sedLine) forget() {
	l.within = false
	for i := range l.body {
		l.body[i].forget()
	}
}

// sedAddress is a line's number, the last line, or what a line matches.
type sedAddress struct {
	line int
	last bool
	re   *regexp.Regexp
}

// sedPart is a part of the text that replaces a match: itself, or what a group matched; 0 is all.
type sedPart struct {
	text  string
	group int // -1 for text
}

// sedding is a run of a script.
type sedding struct {
	commands []sedLine
	quiet    bool

	in     *bufio.Reader
	out    *bufio.Writer
	space  []byte // the pattern space
	number int
	last   bool
	after  []string // what a prints
	noeol  bool
}

var errSedQuit = errors.New("quit")

func (e *sedding) run(ctx context.Context, in io.Reader, out *bufio.Writer) error {
	e.in, e.out = bufio.NewReader(in), out
	for ctx.Err() == nil {
		line, err := e.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		e.space = line
		deleted, err := e.execute(e.commands)
		if err != nil && err != errSedQuit {
			return err
		}
		if !deleted && !e.quiet {
			e.print()
		}
		for _, text := range e.after {
			fmt.Fprintln(e.out, text)
		}
		e.after = nil
		if err == errSedQuit {
			return nil
		}
	}
	return ctx.Err()
}

func (e *sedding) next() ([]byte, error) {
	line, err := readLine(e.in)
	if len(line) == 0 {
		return nil, err
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	e.number++
	e.noeol = !bytes.HasSuffix(line, []byte("\n"))
	_, err = e.in.Peek(1)
	e.last = err != nil
	return bytes.TrimSuffix(line, []byte("\n")), nil
}

func (e *sedding) print() {
	e.out.Write(e.space)
	if !(e.noeol && e.last) {
		e.out.WriteByte('\n')
	}
}

// execute runs commands on the pattern space, and tells whether it was deleted.
func (e *sedding) execute(commands []sedLine) (deleted bool, err error) {
	for i := range commands {
		l := &commands[i]
		if e.selects(l) == l.not {
			continue
		}
		switch l.verb {
		case '{':
			if deleted, err = e.execute(l.body); deleted || err != nil {
				return deleted, err
			}
		case 'd':
			return true, nil
		case 'p':
			e.print()
		case 'q':
			return false, errSedQuit
		case '=':
			fmt.Fprintln(e.out, e.number)
		case 'N':
			more, err := e.next()
			if err == io.EOF {
				return false, errSedQuit
			}
			if err != nil {
				return false, err
			}
			e.space = append(append(e.space, '\n'), more...)
		case 'a':
			e.after = append(e.after, l.text)
		case 'i':
			fmt.Fprintln(e.out, l.text)
		case 'c':
			if l.to == nil || l.not || !l.within {
				fmt.Fprintln(e.out, l.text)
			}
			return true, nil
		case 's':
			if e.substitute(l) && l.print {
				e.print()
			}
		case 'y':
			for i, b := range e.space {
				e.space[i] = l.table[b]
			}
		}
	}
	return false, nil
}

// selects tells whether a command's addresses are for this line.
func (e *sedding) selects(l *sedLine) bool {
	switch {
	case l.from == nil:
		return true
	case l.to == nil:
		return e.at(l.from)
	case l.within:
		l.within = !e.at(l.to) && !(l.to.line > 0 && e.number >= l.to.line)
		return l.to.line == 0 || e.number <= l.to.line || l.from.re == nil
	case e.at(l.from):
		l.within = !(l.to.line > 0 && l.to.line <= e.number) && !(l.to.last && e.last)
		return true
	}
	return false
}

func (e *sedding) at(a *sedAddress) bool {
	switch {
	case a.re != nil:
		return a.re.Match(e.space)
	case a.last:
		return e.last
	}
	return e.number == a.line
}

func (e *sedding) substitute(l *sedLine) (done bool) {
	var out []byte
	at, n := 0, 0
	for _, m := range l.re.FindAllSubmatchIndex(e.space, -1) {
		if n++; n < l.nth || done && !l.global {
			continue
		}
		out = append(out, e.space[at:m[0]]...)
		for _, part := range l.with {
			switch {
			case part.group < 0:
				out = append(out, part.text...)
			case 2*part.group+1 < len(m) && m[2*part.group] >= 0:
				out = append(out, e.space[m[2*part.group]:m[2*part.group+1]]...)
			}
		}
		at, done = m[1], true
	}
	if done {
		e.space = append(out, e.space[at:]...)
	}
	return done
}
