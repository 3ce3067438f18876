package sh

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// complete offers what the word under the cursor can become: a command where
// one stands, a variable after "$", and else a file.
func (s *Shell) complete(line string, pos int) (head string, words []string, tail string) {
	head, tail = line[:pos], line[pos:]
	start := strings.LastIndexAny(head, " \t;|&(`<>=") + 1
	word := head[start:]
	head = head[:start]
	switch {
	case strings.HasPrefix(word, "$"):
		words = s.variables(word)
	case startsCommand(head) && !strings.Contains(word, "/"):
		words = s.commandNames(word)
	case strings.TrimSpace(head) == "help":
		words = append(s.commandNames(word), s.topics(word)...)
	default:
		words = s.arguments(head, word)
	}
	slices.Sort(words)
	return head, words, tail
}

// arguments is what the command that is being typed takes: verbs, options and choices, names of what the machine
// has, and files.
func (s *Shell) arguments(head, word string) []string {
	typed := head[strings.LastIndexAny(head, ";|&(`")+1:]
	line := strings.Fields(typed)
	if len(line) == 0 || strings.ContainsAny(typed[len(typed)-1:], "<>=") {
		return s.files(word)
	}
	c, ok := s.config.Table.Lookup(line[0])
	if !ok || strings.ContainsAny(typed, "'\"$<>\\") { // words that are not as they stand there
		return s.files(word)
	}
	offers, expected := c.Complete(line[1:], word)
	var words []string
	for _, offer := range offers {
		words = append(words, offer+" ")
	}
	if s.config.Offer != nil {
		for _, offer := range s.config.Offer(expected) {
			if strings.HasPrefix(offer, word) {
				words = append(words, offer+" ")
			}
		}
	}
	if len(words) == 0 && !strings.HasPrefix(word, "-") {
		return s.files(word)
	}
	return words
}

// startsCommand tells whether the word after head is a command's name.
func startsCommand(head string) bool {
	head = strings.TrimRight(head, " \t")
	return head == "" || strings.ContainsAny(head[len(head)-1:], ";|&(`")
}

func (s *Shell) variables(word string) []string {
	var names []string
	for _, name := range s.run.Names() {
		if strings.HasPrefix("$"+name, word) {
			names = append(names, "$"+name)
		}
	}
	return names
}

func (s *Shell) commandNames(word string) []string {
	var names []string
	for _, c := range s.config.Table.Commands() {
		if strings.HasPrefix(c.Name, word) {
			names = append(names, c.Name+" ")
		}
	}
	for _, name := range s.run.FunctionNames() {
		if strings.HasPrefix(name, word) {
			names = append(names, name+" ")
		}
	}
	return names
}

func (s *Shell) topics(word string) []string {
	var names []string
	for _, t := range s.config.Topics {
		if strings.HasPrefix(t.Name, word) {
			names = append(names, t.Name)
		}
	}
	return names
}

func (s *Shell) files(word string) []string {
	folder, prefix := filepath.Split(word)
	path := folder
	if !filepath.IsAbs(folder) {
		path = filepath.Join(s.run.Dir(), folder)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, prefix) || prefix == "" && strings.HasPrefix(name, ".") {
			continue
		}
		if e.IsDir() {
			names = append(names, folder+name+"/")
		} else {
			names = append(names, folder+name+" ")
		}
	}
	return names
}
