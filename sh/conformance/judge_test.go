package conformance

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/sh/syntax"

	"golang.org/x/tools/txtar"
	mvdan "mvdan.cc/sh/v3/syntax"
)

// TestSecondJudge holds the parser against mvdan.cc/sh's in its POSIX variant: both take a
// script, or neither does. The scripts are the bundled hooks, the corpus and the examples of
// the documentation.
func TestSecondJudge(t *testing.T) {
	differing := maps.Clone(differences)
	for name, script := range scripts(t) {
		why, differs := differing[name]
		delete(differing, name)
		_, here := syntax.ParseAll(script, 1, nil)
		_, there := mvdan.NewParser(mvdan.Variant(mvdan.LangPOSIX)).Parse(strings.NewReader(script), name)
		if ((here == nil) == (there == nil)) == differs {
			t.Errorf("%s (difference: %q)\n%s\nhere: %v\nmvdan.cc/sh: %v", name, why, script, here, there)
		}
	}
	for name := range differing {
		t.Errorf("%s is listed as different, and there is no such script", name)
	}
}

// differences is the scripts that only our parser takes, as dash does, and why.
var differences = map[string]string{
	"arithmetic/a command that looks like arithmetic":           evaluated,
	"arithmetic/a missing operand":                              evaluated,
	"arithmetic/comparisons of texts are no arithmetic":         evaluated,
	"arithmetic/expansions within":                              evaluated,
	"arithmetic/nothing":                                        evaluated,
	"parameters/a bad name is no error where it is not reached": "a bad substitution is an error where it is run",
	"quoting/nested quotes in a default":                        "a single quote within double quotes is none",
}

const evaluated = "arithmetic is read after its expansions"

// scripts is the text of each script, by name.
func scripts(t *testing.T) map[string]string {
	all := make(map[string]string)
	for _, file := range glob(t, "../../hooks/*.sh") {
		all[filepath.Base(file)] = read(t, file)
	}
	for _, file := range glob(t, "testdata/*.txtar") {
		for _, f := range txtar.Parse([]byte(read(t, file))).Files {
			if f.Name != "want" {
				all[subject(file)+"/"+f.Name] = string(f.Data)
			}
		}
	}
	for _, file := range append(glob(t, "../../docs/*.md"), "../../README.md") {
		for first, example := range examples(read(t, file)) {
			all[filepath.Base(file)+"/"+first] = example
		}
	}
	return all
}

// examples is the indented blocks of a page, by their first lines.
func examples(page string) map[string]string {
	blocks := make(map[string]string)
	first := ""
	for line := range strings.Lines(page) {
		code, indented := strings.CutPrefix(line, "    ")
		switch {
		case indented && first == "":
			first = strings.TrimSpace(code)
			blocks[first] += code
		case indented:
			blocks[first] += code
		case strings.TrimSpace(line) == "" && first != "":
			blocks[first] += "\n"
		default:
			first = ""
		}
	}
	return blocks
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatal("there is no ", pattern, ": ", err)
	}
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
