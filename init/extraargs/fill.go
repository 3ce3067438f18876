package extraargs

import (
	"fmt"
	"net/url"
	"strings"
)

// escaper makes of url.QueryEscape's result what fits in a path too; a colon needs
// no escape in either.
var escaper = strings.NewReplacer("+", "%20", "%3A", ":")

// Fill replaces each ${NAME} in a URL by what facts tells for that name, escaped
// for a URL's path or query.
func Fill(text string, facts Facts) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("${%s: a } is missing", name)
		}
		value, err := facts.value(name)
		if err != nil {
			return "", fmt.Errorf("${%s}: %w", name, err)
		}
		b.WriteString(escaper.Replace(url.QueryEscape(value)))
		text = after
	}
}
