package command

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// longestUsage is how many characters a usage line may have before its options
// are only mentioned.
const longestUsage = 100

// Usages are the usage lines of the command, or of the verb that is called by
// path, such as "volume create": one for each form and verb.
func (c Command) Usages(path string) []string {
	var lines []string
	switch {
	case len(c.Forms) > 0:
		for _, form := range c.Forms {
			lines = append(lines, strings.TrimSpace(path+" "+form))
		}
	case len(c.Verbs) == 0 || c.Run != nil:
		lines = append(lines, c.derivedUsage(path))
	}
	for _, v := range c.Verbs {
		lines = append(lines, v.Usages(path+" "+v.Name)...)
	}
	return lines
}

// derivedUsage tells the options and operands in one line, after the manner of
// POSIX.1-2024, XBD 12.1.
func (c *Command) derivedUsage(path string) string {
	letters, others := "", ""
	for i := range c.Options {
		o := &c.Options[i]
		switch shown := o.shown(); {
		case o.isFlag() && o.Default == "" && len(shown) == 2:
			letters += shown[1:]
		case o.Required:
			others += " " + o.synopsis()
		default:
			others += " [" + o.synopsis() + "]"
			if (o.Kind == List || o.Kind == Commas) && !o.isFlag() {
				others += "…"
			}
		}
	}
	if letters != "" {
		letters = " [-" + letters + "]"
	}
	line := strings.TrimRight(path+letters+others+" "+c.Operands, " ")
	if utf8.RuneCountInString(line) > longestUsage {
		line = strings.TrimRight(path+" [OPTION…] "+c.Operands, " ")
	}
	return line
}

// shown is the spelling for usage lines and errors: the shortest of the first kind.
func (o *Option) shown() string {
	first, _, _ := strings.Cut(o.Names, ", ")
	return first
}

func (o *Option) synopsis() string {
	switch {
	case !o.isFlag():
		return o.shown() + " " + o.Value
	case o.Default == "true":
		return o.shown() + "=false"
	}
	return o.shown()
}

func (c *Command) usage(path string) string {
	return "usage: " + strings.Join(c.Usages(path), "\n       ") + "\n"
}

// All yields the command and its verbs, each with the path that calls it.
func (c Command) All() iter.Seq2[string, Command] {
	return func(yield func(string, Command) bool) { c.walk(c.Name, yield) }
}

func (c Command) walk(path string, yield func(string, Command) bool) bool {
	if !yield(path, c) {
		return false
	}
	for _, v := range c.Verbs {
		if !v.walk(path+" "+v.Name, yield) {
			return false
		}
	}
	return true
}

// PrintHelp prints what the command, or the verb that the first of the words
// name, does and takes. It returns the words behind the verb.
func (c Command) PrintHelp(w io.Writer, words []string) (rest []string) {
	path := c.Name
	for len(c.Verbs) > 0 {
		verb, err := c.verb(words)
		if err != nil {
			break
		}
		c, path, words = verb, path+" "+verb.Name, words[1:]
	}
	c.printHelp(w, path)
	return words
}

func (c *Command) printHelp(w io.Writer, path string) {
	fmt.Fprintf(w, "%s\n%s\n", c.usage(path), c.Summary)
	if c.Text != "" {
		fmt.Fprintf(w, "\n%s\n", c.Text)
	}
	var verbs, options [][2]string
	for _, v := range c.Verbs {
		verbs = append(verbs, [2]string{v.Name, v.Summary})
	}
	for i := range c.Options {
		options = append(options, [2]string{c.Options[i].Spelling(), c.Options[i].Explanation()})
	}
	columns(w, "", verbs)
	columns(w, "", options)
	list(w, "exit status:", c.Statuses)
	list(w, "examples:", c.Examples)
}

// Spelling is all names of the option and its value: "-n, --lines LINES".
func (o *Option) Spelling() string { return strings.TrimSpace(o.Names + " " + o.Value) }

// Explanation is the option's help with its default.
func (o *Option) Explanation() string {
	switch {
	case o.Default != "" && o.isFlag():
		return o.Help + " (the default; =false: not)"
	case o.Default != "":
		return o.Help + " (default: " + o.Default + ")"
	}
	return o.Help
}

// columns prints names and what they mean.
func columns(w io.Writer, title string, rows [][2]string) {
	const widest = 30
	width := 0
	for _, row := range rows {
		if n := utf8.RuneCountInString(row[0]); n <= widest {
			width = max(width, n)
		}
	}
	if len(rows) > 0 {
		fmt.Fprintln(w, title)
	}
	for _, row := range rows {
		if utf8.RuneCountInString(row[0]) > width {
			fmt.Fprintf(w, "  %s\n  %*s  %s\n", row[0], width, "", row[1])
			continue
		}
		fmt.Fprintf(w, "  %-*s  %s\n", width, row[0], row[1])
	}
}

func list(w io.Writer, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(w, "\n%s\n", title)
	}
	for _, line := range lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
}
