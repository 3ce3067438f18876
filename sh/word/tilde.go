package word

import "strings"

// afterColons takes literal text; in an assignment, a tilde behind a colon is a home
// folder. last says that nothing follows the text.
func (e *expander) afterColons(text string, last bool, q quoting) {
	for e.colons {
		before, after, found := strings.Cut(text, ":~")
		if !found {
			break
		}
		e.lit(before+":", q)
		if text = e.tilde("~"+after, last); strings.HasPrefix(text, "~") {
			e.lit("~", q)
			text = after
		}
	}
	e.lit(text, q)
}

// tilde takes the tilde prefix off text, if it has one, and returns the rest: the prefix
// is a home folder (XCU 2.6.1).
func (e *expander) tilde(text string, last bool) string {
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
	home, ok := e.home(text[1:end])
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

func (e *expander) home(user string) (string, bool) {
	if user == "" {
		return e.state.Variable("HOME")
	}
	return e.state.Home(user)
}
