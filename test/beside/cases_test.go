package beside_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// testCase is a script that runs on both sides: `run` is podman run, or runc-run. Its output and its
// status are compared.
type testCase struct {
	line    int
	title   string
	daily   bool
	differs string // why both sides differ, "" where they do not
	ours    string // what bootrc says where it differs
	script  string
}

func (c testCase) name() string {
	if c.title != "" {
		return c.title
	}
	first, _, _ := strings.Cut(c.script, "\n")
	return strings.NewReplacer("run ", "", "localhost/", "", "/", "_").Replace(first)
}

func readCases(t *testing.T, file string) []testCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := parseCases(string(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return cases
}

// parseCases reads cases, with an empty line between them. Before a case's script stand, where there
// are any, its title (#), the word daily (*), why it differs (!), and what bootrc says then (>).
func parseCases(text string) ([]testCase, error) {
	var cases []testCase
	var c testCase
	end := func() error {
		if c.script == "" && c != (testCase{}) {
			return fmt.Errorf("line %d: a case without a script", c.line)
		}
		if (c.differs == "") != (c.ours == "") {
			return fmt.Errorf("line %d: both why it differs (!) and what bootrc says (>), or neither", c.line)
		}
		if c.script != "" {
			cases = append(cases, c)
		}
		c = testCase{}
		return nil
	}
	for i, line := range strings.Split(text, "\n") {
		if c == (testCase{}) {
			c.line = i + 1
		}
		mark, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "":
			if c.script == "" && c.title == "" {
				c = testCase{}
			}
			if err := end(); err != nil {
				return nil, err
			}
		case c.script != "":
			c.script += line + "\n"
		case mark == "#":
			c.title = strings.TrimSpace(c.title + " " + rest)
		case mark == "*":
			c.daily = true
		case mark == "!":
			c.differs = rest
		case mark == ">":
			c.ours += rest + "\n"
		default:
			c.script = line + "\n"
		}
	}
	return cases, end()
}
