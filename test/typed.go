package test

import (
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// typedCommand types the commands of docs/start.md that have a mark, as they stand, in the project's folder. The line that
// says which image is the one that the scenario has in its registry.
func typedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: typed MARK IMAGE")
	}
	page, err := os.ReadFile("../docs/start.md")
	ts.Check(err)
	commands, err := marked(string(page), args[0])
	ts.Check(err)
	ts.Setenv("IMAGE", "--tls-verify=false docker://"+ts.Getenv("REGISTRY")+"/"+args[1])
	ts.Check(ts.Chdir(ts.Getenv("ROOT")))
	ts.Check(ts.Exec("sh", "-euxc", commands))
}

// marked returns the blocks of commands that stand behind a mark, <!-- MARK -->, on a page. A block without one would never be tried.
func marked(page, mark string) (commands string, err error) {
	blocks := strings.Split(page, "```sh\n")
	for i, block := range blocks[1:] {
		before := strings.TrimSpace(blocks[i])
		of := before[strings.LastIndexByte(before, '\n')+1:]
		block, _, closed := strings.Cut(block, "```\n")
		switch {
		case !strings.HasPrefix(of, "<!-- ") || !closed:
			return "", fmt.Errorf("this block has no mark: %q", block)
		case of == "<!-- "+mark+" -->":
			commands += block
		}
	}
	if commands == "" {
		return "", fmt.Errorf("nothing is marked by %s", mark)
	}
	return commands, nil
}
