package word

import "strings"

// leading takes the literal text that a word begins with: a tilde there is a home
// folder (XCU 2.6.1). whole says that nothing follows the text.
func (e *expander) leading(text string, whole bool, q quoting) {
	if e.colons && q == unquoted {
		// an argument of export, and not a value: its first tilde is behind the =
		if name, value, found := strings.Cut(text, "="); found && strings.HasPrefix(value, "~") && !strings.ContainsAny(name, `~:\`) {
			e.plain(name+"=", q)
			text = value
		}
	}
	e.afterColons(e.tilde(text, whole, q), whole, q)
}

// afterColons takes literal text; in an assignment, a tilde behind a colon is a home folder.
func (e *expander) afterColons(text string, last bool, q quoting) {
	for e.colons && q < quoted {
		i := strings.Index(text, ":~")
		if i < 0 {
			break
		}
		if i > 0 && text[i-1] == '\\' {
			e.lit(text[:i+2], q)
			text = text[i+2:]
			continue
		}
		e.lit(text[:i+1], q)
		text = e.tilde(text[i+1:], last, q)
	}
	e.lit(text, q)
}

// tilde takes the tilde prefix off text, if there is one, and returns the rest.
func (e *expander) tilde(text string, last bool, q quoting) string {
	if !strings.HasPrefix(text, "~") {
		return text
	}
	ends := "/"
	if e.colons {
		ends = "/:"
	}
	end := strings.IndexAny(text, ends)
	if end < 0 {
		if !last {
			return text
		}
		end = len(text)
	}
	user := text[1:end]
	if strings.ContainsAny(user, `\~`) {
		return text
	}
	home, ok := e.state.Variable("HOME")
	if user != "" {
		home, ok = e.state.Home(user)
	}
	if !ok {
		return text
	}
	rest := text[end:]
	if strings.HasPrefix(rest, "/") {
		home = strings.TrimSuffix(home, "/")
	}
	e.quoted(home)
	return rest
}
