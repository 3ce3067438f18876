package pattern

import (
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Glob returns the pathnames that match a pattern, sorted, or nil (XCU 2.14.3).
// Relative ones are those below dir, and stay relative. A slash, and a dot at the
// beginning of a name, match only themselves; "." and ".." match no pattern.
func Glob(dir, text string) []string {
	g := globber{dir: dir}
	g.walk("", text)
	slices.Sort(g.found)
	return g.found
}

type globber struct {
	dir   string
	found []string
}

// walk finds what is below base, which ends with a slash or is empty, and matches the rest of the pattern.
func (g *globber) walk(base, rest string) {
	for {
		component, slashes, after := cut(rest)
		if IsSpecial(component) {
			if g.match(base, component, slashes, after) {
				return
			}
		}
		base += Unquote(component) + slashes
		rest = after
		if rest == "" {
			if _, err := os.Lstat(g.path(base)); err == nil {
				g.found = append(g.found, base)
			}
			return
		}
	}
}

// match walks on from each name in base that matches the component. It returns
// false when the component matches only itself, as "[" does.
func (g *globber) match(base, component, slashes, after string) bool {
	p := Compile(component)
	if len(p.runs) == 1 && p.runs[0].elements == nil {
		return false
	}
	entries, err := os.ReadDir(g.path(base))
	if err != nil {
		return true
	}
	dots := component[0] == '.' || strings.HasPrefix(component, `\.`)
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case name[0] == '.' && !dots, !p.Match(name):
		case slashes == "":
			g.found = append(g.found, base+name)
		case g.isDir(base, entry):
			g.next(base+name+slashes, after)
		}
	}
	return true
}

func (g *globber) next(base, rest string) {
	if rest == "" {
		g.found = append(g.found, base)
		return
	}
	g.walk(base, rest)
}

func (g *globber) isDir(base string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.IsDir()
	}
	info, err := os.Stat(g.path(base + entry.Name()))
	return err == nil && info.IsDir()
}

func (g *globber) path(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return g.dir + "/" + name // not cleaned: a ".." behind a link is the link's
}

// cut takes the first component off a pattern, and the slashes behind it.
func cut(text string) (component, slashes, after string) {
	i := 0
	for i < len(text) && text[i] != '/' {
		if text[i] == '\\' && i+1 < len(text) && text[i+1] != '/' {
			i++
		}
		i++
	}
	j := i
	for j < len(text) && text[j] == '/' {
		j++
	}
	return text[:i], text[i:j], text[j:]
}

// Unquote returns the text that a pattern without * ? [ matches.
func Unquote(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b = append(b, text[i])
	}
	return string(b)
}
