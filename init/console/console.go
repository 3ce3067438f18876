// Package console is what the boot writes on: the lines that CI systems match,
// the phases as a CI system's sections or as one JSON object a line, errors, and
// whatever commands and containers print, without the secrets in it.
package console

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/foreign"
)

// kernelSection is the section that a GitLab job opens before it starts the
// machine, and expects to be closed here.
const kernelSection = "b2c_kernel_boot"

// Console is the machine's console. It is safe for concurrent use.
type Console struct {
	terminal *screen

	mu      sync.Mutex
	form    form
	mask    mask
	nonce   string
	section string // the one that is open, or ""
	folded  bool   // where the log is shown
	pending *entry // its first line, as long as nothing stands in it
	spoke   bool   // something was printed since Began
	others  []*other
	work    []command.Work
	causes  causes
}

// New returns the console on a terminal, in GitLab's form.
func New(terminal *os.File) *Console {
	c := &Console{terminal: &screen{File: terminal}, form: gitlab{}, section: kernelSection}
	c.mask.write = func(p []byte) (int, error) {
		if len(p) > 0 {
			c.begun()
		}
		return c.output(p)
	}
	return c
}

// SetForm chooses how the console shows the boot: "gitlab", "plain" or "json".
func (c *Console) SetForm(name string) error {
	form, ok := forms[name]
	if !ok {
		return fmt.Errorf("argument b2c.log=%s: expected gitlab, plain or json", name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.form = form()
	return nil
}

// Fd is the terminal's file descriptor, for those who ask for its width.
func (c *Console) Fd() uintptr { return c.terminal.Fd() }

// Terminal is the console itself, for programs that need one. What they write
// on it is not masked.
func (c *Console) Terminal() *os.File { return c.terminal.File }

// Write shows what a command or a container printed.
func (c *Console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mask.Write(p, &c.mu)
}

// Hide masks secrets from now on, in every form in which a shell, a URL or an
// error would show them.
func (c *Console) Hide(secrets ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mask.hide(secrets)
}

// SetNonce puts a text into the brackets of what is announced from now on: whoever does not
// know it cannot imitate these lines.
func (c *Console) SetNonce(nonce string) error {
	if strings.Trim(nonce, nonceLetters) != "" || len(nonce) > maxNonce {
		return fmt.Errorf("argument b2c.status_nonce=%s: expected no more than %d letters, digits, '-' and '_'", nonce, maxNonce)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nonce = nonce
	return nil
}

const (
	maxNonce     = 128
	nonceLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
)

// Announce prints a line that CI systems match: alone between blank lines, with
// nothing after the text.
func (c *Console) Announce(text string) { c.say(entry{Event: "announce", Text: text}) }

// Report prints a line about the boot's progress.
func (c *Console) Report(text string) { c.say(entry{Event: "report", Text: text}) }

// Warn prints a line in boot2container's form for what may be a mistake, but
// keeps nothing from going on.
func (c *Console) Warn(text string) {
	c.unfold()
	c.say(entry{Event: "warning", Text: text})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.causes.tolerate(c.mask.whole(text))
}

// Error closes the open section, so that nobody has to unfold one to see it,
// and prints the error.
func (c *Console) Error(text string) {
	c.EndSection()
	c.say(entry{Event: "error", Text: text})
}

// sectionPatience is how long a section's first line waits for something to stand below it.
const sectionPatience = time.Second

// Section closes the open section and opens another under that title; a
// collapsed one is shown folded, and not at all if nothing is printed in it soon.
func (c *Console) Section(name, title string, collapsed bool) {
	c.EndSection()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mask.flush()
	c.section, c.folded = name, collapsed
	first := c.complete(entry{Event: "section_start", Section: name, Text: title, collapsed: collapsed})
	c.pending = &first
	if !collapsed {
		c.begun()
		return
	}
	time.AfterFunc(sectionPatience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.pending == &first {
			c.begun()
		}
	})
}

// begun prints the first line of a section that is no longer empty.
func (c *Console) begun() {
	c.spoke = true
	if first := c.pending; first != nil {
		c.pending = nil
		c.entry(*first)
	}
}

// EndSection closes the open section, if there is one.
func (c *Console) EndSection() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mask.flush()
	name, empty := c.section, c.pending != nil
	c.section, c.pending = "", nil
	if name != "" && !empty {
		c.entry(c.complete(entry{Event: "section_end", Section: name}))
	}
}

// Began notes that a phase begins: what was complained of before it is none of its causes.
func (c *Console) Began() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spoke = false
	c.causes.said = nil
}

// Spoke tells whether anything was printed since Began.
func (c *Console) Spoke() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spoke
}

func (c *Console) say(e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mask.flush()
	c.begun()
	c.entry(c.complete(e))
}

// complete masks an entry, and gives it its time.
func (c *Console) complete(e entry) entry {
	e.Text, e.uptime, e.now = foreign.Text(c.mask.whole(e.Text)), Uptime(), time.Now()
	if e.Event == "announce" {
		e.Nonce = c.nonce
	}
	if e.Work != nil {
		e.Work.Name = foreign.Line(c.mask.whole(e.Work.Name))
	}
	return e
}
