// Package example reads the examples that the documentation has, so that tests run them as they stand there.
package example

import (
	"fmt"
	"os"
	"strings"
)

// Marked returns the fenced blocks of a page that stand behind a mark, <!-- MARK -->, with words replaced in them: old and new
// ones by turns. A block without a mark is an error: it would never be tried.
func Marked(page, mark string, replaced ...string) (string, error) {
	content, err := os.ReadFile(page)
	if err != nil {
		return "", err
	}
	text, err := marked(string(content), mark)
	if err != nil {
		return "", fmt.Errorf("%s: %w", page, err)
	}
	return strings.NewReplacer(replaced...).Replace(text), nil
}

func marked(page, mark string) (string, error) {
	var found strings.Builder
	var before, of string // the line before, and the mark of the block that is open
	for line := range strings.Lines(page) {
		switch fence := strings.HasPrefix(line, "```"); {
		case fence && of == "":
			if of = before; !strings.HasPrefix(of, "<!-- ") {
				return "", fmt.Errorf("this block has no mark: it is behind %q", before)
			}
		case fence:
			of = ""
		case of == "<!-- "+mark+" -->":
			found.WriteString(line)
		}
		if text := strings.TrimSpace(line); text != "" {
			before = text
		}
	}
	if of != "" {
		return "", fmt.Errorf("the block of %s does not end", of)
	}
	if found.Len() == 0 {
		return "", fmt.Errorf("nothing is marked by %s", mark)
	}
	return found.String(), nil
}
