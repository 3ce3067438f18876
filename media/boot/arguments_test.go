package main

import "testing"

func TestKernelLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		runs bool
		line string
	}{
		{nil, false, ``},
		{[]string{"b2c.pipefail"}, false, `b2c.pipefail`},
		{[]string{"b2c.run=-ti alpine sh", "b2c.pipefail"}, true, `"b2c.run=-ti alpine sh" b2c.pipefail`},
		{[]string{`b2c.run="-e \"A=b c\" alpine env"`}, true, `b2c.run="-e \"A=b c\" alpine env"`},
		{[]string{`"b2c.container=alpine true"`}, true, `"b2c.container=alpine true"`},
		{[]string{"b2c.run_post=alpine", "x=b2c.run=y"}, false, `b2c.run_post=alpine x=b2c.run=y`},
	} {
		if line := kernelLine(c.args); line != c.line {
			t.Errorf("%q: line %s, want %s", c.args, line, c.line)
		}
		if saysWhatToRun(c.args) != c.runs {
			t.Errorf("%q: says what to run is %v", c.args, !c.runs)
		}
	}
}
