package tools

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

func pagerCommand(name string) command.Command {
	return command.Command{
		Name: name, Summary: "show text page by page on the terminal", Operands: "[FILE…]", Run: tool(pager),
		Text: "Space and enter go on, b goes back, g and G go to the ends, / looks for a text, n for\nits next place, q leaves. Where the\noutput is no terminal, it prints the files as cat does.",
	}
}

// pager shows text page by page. Where the output is no terminal it is cat.
func pager(ctx context.Context, c *call) error {
	screen, ok := command.Terminal(c.caller.Stdout)
	if !ok || !term.IsTerminal(screen) {
		return cat(ctx, c)
	}
	var text bytes.Buffer
	err := c.eachInput(ctx, c.Args, func(_ string, r io.Reader) error {
		_, err := io.Copy(&text, io.LimitReader(r, maxInMemory))
		return err
	})
	if err != nil {
		return err
	}
	keys, err := os.OpenFile("/dev/tty", os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer keys.Close()
	width, height, err := term.GetSize(screen)
	if err != nil {
		return err
	}
	raw, err := term.MakeRaw(int(keys.Fd()))
	if err != nil {
		return err
	}
	defer term.Restore(int(keys.Fd()), raw)
	p := &page{c: c, lines: fold(text.Bytes(), max(width, 1)), height: max(height-1, 1)}
	return p.show(c.input(ctx, keys))
}

// page is what the pager shows of a text.
type page struct {
	c      *call
	lines  [][]byte
	top    int
	height int
	sought string
	said   string // at the bottom, once
}

func (p *page) show(keys io.Reader) error {
	key := make([]byte, 1)
	for {
		p.draw()
		if len(p.lines) <= p.height {
			p.c.Printf("\r\x1b[K")
			return nil
		}
		if _, err := keys.Read(key); err != nil {
			return err
		}
		if key[0] == '/' {
			p.ask(keys)
			key[0] = 'n'
		}
		if !p.move(key[0]) {
			p.c.Printf("\r\x1b[K")
			return nil
		}
	}
}

// move does what a key asks for; false is to leave.
func (p *page) move(key byte) bool {
	last := max(len(p.lines)-p.height, 0)
	switch key {
	case ' ', 'f':
		if p.top == last {
			return false
		}
		p.top += p.height
	case 'b':
		p.top -= p.height
	case '\r', '\n', 'j':
		p.top++
	case 'k':
		p.top--
	case 'n':
		p.seek()
	case 'g':
		p.top = 0
	case 'G':
		p.top = last
	case 'q', 'Q', 3, 4: // ctrl-c and ctrl-d too
		return false
	}
	p.top = min(max(p.top, 0), last)
	return true
}

// ask reads what is looked for, at the bottom of the screen.
func (p *page) ask(keys io.Reader) {
	text, key := "", make([]byte, 1)
	for {
		p.c.Printf("\r\x1b[K/%s", text)
		if _, err := keys.Read(key); err != nil || key[0] == '\r' || key[0] == '\n' {
			break
		}
		switch {
		case key[0] == 0x7f || key[0] == '\b':
			text = text[:max(len(text)-1, 0)]
		case key[0] >= ' ':
			text += string(key)
		}
	}
	if text != "" {
		p.sought = text
	}
}

// seek goes to the next line in which the text stands, in any case.
func (p *page) seek() {
	sought := bytes.ToLower([]byte(p.sought))
	for i := p.top + 1; i < len(p.lines); i++ {
		if bytes.Contains(bytes.ToLower(p.lines[i]), sought) {
			p.top = i
			return
		}
	}
	p.said = "not below: " + p.sought + "  "
}

func (p *page) draw() {
	end := min(p.top+p.height, len(p.lines))
	p.c.Printf("\x1b[H\x1b[J")
	for _, line := range p.lines[p.top:end] {
		p.c.Printf("%s\r\n", line)
	}
	p.c.Printf("\x1b[7m%s%d%%  space: more, b: back, /: look for, q: quit\x1b[m", p.said, end*100/max(len(p.lines), 1))
	p.said = ""
}

// fold breaks text into lines of at most width bytes, with control bytes made
// visible, so that the page stays what the screen shows.
func fold(text []byte, width int) [][]byte {
	var folded [][]byte
	for line := range bytes.Lines(text) {
		var shown []byte
		for _, b := range bytes.TrimRight(line, "\r\n") {
			switch {
			case b == '\t':
				shown = append(shown, bytes.Repeat([]byte(" "), 8-len(shown)%8)...)
			case b < ' ' || b == 0x7f:
				shown = fmt.Appendf(shown, "^%c", b^0x40)
			default:
				shown = append(shown, b)
			}
		}
		for len(shown) > width {
			folded = append(folded, shown[:width])
			shown = shown[width:]
		}
		folded = append(folded, shown)
	}
	return folded
}
