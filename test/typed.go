package test

import (
	"bootrc/test/example"

	"github.com/rogpeppe/go-internal/testscript"
)

// typedCommand types the commands of docs/start.md that have a mark, as they stand, in the project's folder. The line that
// says which image is the one that the scenario has in its registry.
func typedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: typed MARK IMAGE")
	}
	commands, err := example.Marked("../docs/start.md", args[0])
	ts.Check(err)
	ts.Setenv("IMAGE", "--tls-verify=false docker://"+ts.Getenv("REGISTRY")+"/"+args[1])
	ts.Check(ts.Chdir(ts.Getenv("ROOT")))
	ts.Check(ts.Exec("sh", "-euxc", commands))
}
