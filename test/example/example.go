// Package example reads the examples that the documentation has, so that tests run them as they stand there.
package example

import (
	"fmt"
	"os"
	"strings"
)

// Block returns the block of a page that is fenced as a language, with words replaced in it: old and new ones by turns.
func Block(page, language string, replaced ...string) (string, error) {
	content, err := os.ReadFile(page)
	if err != nil {
		return "", err
	}
	_, rest, found := strings.Cut(string(content), "```"+language+"\n")
	block, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		return "", fmt.Errorf("%s has no block of %s", page, language)
	}
	return strings.NewReplacer(replaced...).Replace(block), nil
}
