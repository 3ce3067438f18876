package main

import "testing"

func TestSaysWhatToRun(t *testing.T) {
	for _, c := range []struct {
		args []string
		runs bool
	}{
		{nil, false},
		{[]string{"b2c.pipefail"}, false},
		{[]string{"b2c.run=-ti alpine sh", "b2c.pipefail"}, true},
		{[]string{`b2c.run="-e \"A=b c\" alpine env"`}, true},
		{[]string{`"b2c.container=alpine true"`}, true},
		{[]string{"b2c.run_post=alpine", "x=b2c.run=y"}, false},
	} {
		if saysWhatToRun(c.args) != c.runs {
			t.Errorf("%q: says what to run is %v", c.args, !c.runs)
		}
	}
}
