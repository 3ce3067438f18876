package console

import (
	"cmp"
	"strings"
)

// causes is what went wrong in a boot.
type causes struct {
	said      []string // complaints that nobody has taken for a cause yet
	first     string   // what gave the pipeline its status, or ""
	tolerated []string
}

// maxSaid is how many complaints are kept: what comes first is the cause.
const maxSaid = 3

// maxTolerated bounds the list of what failed without being fatal.
const maxTolerated = 50

// Complain prints why something failed, as commands do, in no folded section.
func (c *Console) Complain(text string) {
	c.unfold()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mask.Write([]byte(text+"\n"), &c.mu)
	if len(c.causes.said) < maxSaid {
		c.causes.said = append(c.causes.said, c.mask.whole(text))
	}
}

// unfold ends a folded section: nobody shall have to open one to see what comes next.
func (c *Console) unfold() {
	c.mu.Lock()
	folded := c.section != "" && c.folded
	c.mu.Unlock()
	if folded {
		c.EndSection()
	}
}

// Nonfatal prints what failed while the boot goes on, and keeps it for Causes, with what was
// complained of before.
func (c *Console) Nonfatal(text string) {
	c.unfold()
	c.say(entry{Event: "report", Text: text + " (not fatal)"})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.causes.tolerate(c.causes.because(c.mask.whole(text), ""))
}

// Blame keeps for Causes what gave the pipeline its status: where, with what was complained of before, or
// else what. Only the first counts.
func (c *Console) Blame(where, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if text := c.causes.because(c.mask.whole(where), c.mask.whole(what)); c.causes.first == "" {
		c.causes.first = text
	}
}

// Forgive forgets what gave the pipeline its status: it has been mended.
func (c *Console) Forgive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.causes.first, c.causes.said = "", nil
}

// because is what failed with the complaints that came before; without any, otherwise stands for it.
func (c *causes) because(what, otherwise string) string {
	reasons := c.said
	c.said = nil
	if len(reasons) == 0 {
		return cmp.Or(otherwise, what)
	}
	reasons[0] = withoutPlace(reasons[0], what)
	return what + ": " + strings.Join(reasons, "\n")
}

// withoutPlace is a complaint without what it has in common with what failed: an argument, or a line of a hook.
func withoutPlace(complaint, what string) string {
	common := 0
	for i := range min(len(complaint), len(what)) {
		if complaint[i] != what[i] {
			break
		}
		if strings.HasPrefix(complaint[i:], ": ") {
			common = i + 2
		}
	}
	if strings.HasPrefix(complaint, what+": ") {
		common = len(what) + 2
	}
	return complaint[common:]
}

func (c *causes) tolerate(text string) {
	if len(c.tolerated) < maxTolerated {
		c.tolerated = append(c.tolerated, text)
	}
}

// Causes prints, in no section, what gave the pipeline its status and what else failed.
func (c *Console) Causes() {
	c.EndSection()
	c.mu.Lock()
	first, tolerated := c.causes.first, c.causes.tolerated
	c.mu.Unlock()
	if first != "" {
		c.say(entry{Event: "failure", Text: "What failed: " + first})
	}
	for _, text := range tolerated {
		c.say(entry{Event: "nonfatal", Text: "Not fatal: " + text})
	}
}
