package kmod

import "strings"

// parseCmdline adds what a kernel command line says of modules:
// "MODULE.NAME=VALUE", "modprobe.blacklist=MODULE,MODULE" and "module_blacklist=". Words and quotes
// are the kernel's (kernel-parameters.txt): a double quote keeps blanks
// together, and what follows "--" is for init.
func (c *config) parseCmdline(line string) {
	for word := range cmdlineWords(line) {
		if word == "--" {
			return
		}
		if unquoted, ok := strings.CutPrefix(word, `"`); ok {
			word = strings.TrimSuffix(unquoted, `"`)
		}
		key, value, hasValue := strings.Cut(word, "=")
		if unquoted, ok := strings.CutPrefix(value, `"`); ok {
			value = strings.TrimSuffix(unquoted, `"`)
		}
		switch CanonicalName(key) {
		case "modprobe.blacklist":
			deny(c.blacklist, value)
			continue
		case "module_blacklist": // the kernel refuses these in any case
			deny(c.never, value)
			continue
		}
		module, name, ok := strings.Cut(key, ".")
		if !ok || module == "" || name == "" {
			continue
		}
		param := name
		if hasValue {
			param += "=" + value
		}
		c.options = append(c.options, option{CanonicalName(module), quoteParam(param)})
	}
}

// deny adds the modules of a list with commas to a set.
func deny(set map[string]bool, list string) {
	for module := range strings.SplitSeq(list, ",") {
		set[CanonicalName(module)] = true
	}
}

// cmdlineWords yields the words of a command line, with their quotes.
func cmdlineWords(line string) func(yield func(string) bool) {
	quoted := false
	return strings.FieldsFuncSeq(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ' ' || r == '\t' || r == '\n' || r == '\r')
	})
}

// quoteParam returns a parameter as the kernel wants it among others: a value
// with blanks is quoted, as modprobe(8) does.
func quoteParam(param string) string {
	name, value, ok := strings.Cut(param, "=")
	if !ok || !strings.ContainsAny(value, " \t\n") || strings.HasPrefix(value, `"`) {
		return param
	}
	return name + `="` + value + `"`
}

// joinParams joins parameter strings, without the empty ones.
func joinParams(params ...string) string {
	var kept []string
	for _, p := range params {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " ")
}
