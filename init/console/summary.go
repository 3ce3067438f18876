package console

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/order"
	"bootrc/kit/size"
)

// Record keeps a phase, a container or a transfer for the summary.
func (c *Console) Record(w command.Work) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.work = append(c.work, w)
}

// Summary prints what took its time, the slowest first.
func (c *Console) Summary() {
	c.mu.Lock()
	all := slices.Clone(c.work)
	c.mu.Unlock()
	order.By(all, func(a, b command.Work) int { return cmp.Compare(b.Took, a.Took) })
	for _, w := range all {
		c.say(entry{Event: "summary", Text: line(w), Work: &work{w.Kind, w.Name, w.Took.Seconds(), w.Bytes}})
	}
}

func line(w command.Work) string {
	text := fmt.Sprintf("%8.2f s  %-9s %s", w.Took.Seconds(), w.Kind, w.Name)
	if w.Bytes > 0 {
		text += fmt.Sprintf(" (%s, %s/s)", size.Text(w.Bytes), size.Text(perSecond(w.Bytes, w.Took)))
	}
	return text
}

func perSecond(bytes int64, took time.Duration) int64 {
	if took <= 0 {
		return bytes
	}
	return int64(float64(bytes) / took.Seconds())
}
