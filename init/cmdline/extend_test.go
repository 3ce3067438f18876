package cmdline

import (
	"strings"
	"testing"
)

func TestWith(t *testing.T) {
	l := parse(t, "b2c.run=a b2c.hostname=one b2c.pipefail b2c.oops")
	more := parse(t, "b2c.container=b b2c.hostname=two b2c.pipefail=0 b2c.swap=1G b2c.eek b2c.extra_args_url=x")
	more.Ignore("that is enough", "b2c.extra_args_url", "b2c.extra_args")
	both := l.With(more)
	want := map[string]string{
		"b2c_run": "'a' 'b'", "b2c_hostname": "two", "b2c_pipefail": "", "b2c_swap": "1G", "b2c_extra_args_url": "",
	}
	for name, value := range want {
		if got := variables(both)[name]; got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	warnings := `unknown argument "b2c.oops" is ignored` + "\n" + `unknown argument "b2c.eek" is ignored` + "\n" +
		"argument b2c.extra_args_url is ignored: that is enough"
	if got := strings.Join(both.Warnings, "\n"); got != warnings {
		t.Errorf("warnings %s\nwant %s", got, warnings)
	}
	if got := variables(l)["b2c_run"]; got != "'a'" {
		t.Errorf("the first line changed: b2c_run is %s", got)
	}
}

// What changed reaches the shell by eval; what hooks have set of the rest stays.
func TestAssignments(t *testing.T) {
	l := parse(t, "b2c.run=a b2c.hostname=one b2c.keymap=de")
	more := parse(t, `b2c.run="it's
two" b2c.hostname=two`)
	want := `b2c_run=''"'"'a'"'"' '"'"'it'"'"'"'"'"'"'"'"'s
two'"'"''
b2c_hostname='two'
`
	if got := l.With(more).Assignments(more); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func parse(t *testing.T, line string) *Line {
	t.Helper()
	l, err := Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
