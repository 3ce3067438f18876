package sh

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// historyLimit is how many commands are kept for a person to come back to.
const historyLimit = 1000

// Where one line stands for several, or has a tab, the editor shows these.
var (
	toEditor   = strings.NewReplacer("\n", "␤", "\t", "␉")
	fromEditor = strings.NewReplacer("␤", "\n", "␉", "\t")
)

// lineEditor reads lines from the terminal that is file descriptor 0, and shows them on 1.
type lineEditor struct {
	typing   *typing
	history  history
	complete func(line string, pos int) (head string, words []string, tail string)
	search   search
	tabbed   string // the line that a tab has left as it was
}

// read returns one line without its end, which is several where such a text was pasted or came back from the
// history. Its error is io.EOF, or errAborted at ctrl-c.
func (e *lineEditor) read(prompt string) (string, error) {
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{e.typing, shownLine{}}, prompt)
	if width, height, err := term.GetSize(unix.Stdout); err == nil {
		t.SetSize(width, height)
	}
	t.History = &e.history
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) { return e.press(t, line, pos, key) }
	bracketPastes(true)
	line, err := t.ReadLine()
	if err != nil { // else, x/term has done so
		bracketPastes(false)
		fmt.Println()
	}
	return fromEditor.Replace(line), err
}

// bracketPastes has the terminal say where a paste begins and ends (xterm's bracketed paste mode), or no more.
func bracketPastes(on bool) {
	if on {
		os.Stdout.WriteString("\x1b[?2004h")
	} else {
		os.Stdout.WriteString("\x1b[?2004l")
	}
}

// shownLine is the terminal, on which the end of a line returns the cursor by itself.
type shownLine struct{}

func (shownLine) Write(p []byte) (int, error) {
	_, err := os.Stdout.Write(bytes.ReplaceAll(p, []byte("\r\n"), []byte("\n")))
	return len(p), err
}

// press does what a key asks for that neither edits nor moves.
func (e *lineEditor) press(t *term.Terminal, line string, pos int, key rune) (string, int, bool) {
	const tab, ctrlR = '\t', 0x12
	switch {
	case key == tab:
		return e.tab(t, line, pos)
	case key == ctrlR:
		found := e.search.older(&e.history, line)
		return found, len(found), true
	case unicode.IsPrint(key) && e.search.goesOn(line, pos):
		found := e.search.narrow(&e.history, key)
		return found, len(found), true
	}
	return "", 0, false
}

// tab completes the word before the cursor as far as that is certain; where nothing more is, a second one lists
// what there is.
func (e *lineEditor) tab(t *term.Terminal, line string, pos int) (string, int, bool) {
	head, words, tail := e.complete(line, pos)
	again := e.tabbed == line
	e.tabbed = line
	if len(words) == 0 {
		return line, pos, true
	}
	begin := words[0]
	for _, word := range words[1:] {
		for !strings.HasPrefix(word, begin) {
			begin = begin[:len(begin)-1]
		}
	}
	begin = strings.ToValidUTF8(begin, "")
	if completed := head + begin; len(words) == 1 || len(completed) > pos {
		return completed + tail, len(completed), true
	}
	if again {
		e.list(t, words)
	}
	return line, pos, true
}

// list prints what a word can become, in columns.
func (e *lineEditor) list(t *term.Terminal, words []string) {
	width, _, err := term.GetSize(unix.Stdout)
	if err != nil {
		width = 80
	}
	widest := 0
	for i, word := range words {
		words[i] = strings.TrimSuffix(word, " ")
		widest = max(widest, len(words[i])+2)
	}
	columns := max(1, width/widest)
	rows := (len(words) + columns - 1) / columns
	var text strings.Builder
	for row := range rows {
		for i := row; i < len(words); i += rows {
			fmt.Fprintf(&text, "%-*s", widest, words[i])
		}
		text.WriteString("\n")
	}
	io.WriteString(t, text.String())
}

// history is what was typed, the latest last.
type history []string

// Add does nothing: what a line is a part of is kept when all of it has been typed.
func (h *history) Add(string) {}

func (h *history) Len() int { return len(*h) }

// At returns an entry, the latest being 0.
func (h *history) At(i int) string { return (*h)[len(*h)-1-i] }

// remember keeps a command, which may have several lines.
func (h *history) remember(text string) {
	text = toEditor.Replace(strings.TrimRight(text, " \t\n"))
	if text == "" || len(*h) > 0 && h.At(0) == text {
		return
	}
	*h = append(*h, text)
	if len(*h) > historyLimit {
		*h = (*h)[1:]
	}
}

// search looks in the history for a text that grows while it is typed.
type search struct {
	text  string
	at    int    // in the history
	found string // "": no search
}

// older finds the next older entry. A new search is for what the line has.
func (s *search) older(h *history, line string) string {
	if s.found == "" || s.found != line {
		*s = search{text: line, at: -1}
	}
	return s.from(h, s.at+1, line)
}

// goesOn tells whether a search has just shown this line.
func (s *search) goesOn(line string, pos int) bool {
	return s.found != "" && s.found == line && pos == len(line)
}

// narrow adds a letter to what is looked for.
func (s *search) narrow(h *history, key rune) string {
	s.text += string(key)
	return s.from(h, max(s.at, 0), s.text)
}

// from finds the first entry from a place on; where there is none, the search ends with what the line is then.
func (s *search) from(h *history, at int, otherwise string) string {
	for ; at < h.Len(); at++ {
		if entry := h.At(at); strings.Contains(entry, s.text) {
			s.at, s.found = at, entry
			return entry
		}
	}
	s.found = ""
	return otherwise
}
