package arith

import (
	"errors"
	"maps"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

type variables map[string]string

func (v variables) Variable(name string) (string, bool) { s, set := v[name]; return s, set }
func (v variables) Assign(name, value string) error {
	if name == "fixed" {
		return errors.New("read-only")
	}
	v[name] = value
	return nil
}

var given = variables{"a": "3", "b": "-4", "octal": "010", "hex": "0x1F", "spaced": " 12 ", "word": "abc", "sum": "1+2", "empty": "", "blank": " \t\n", "bad": "08",
	"large": "9223372036854775808", "least": "-9223372036854775808"}

var rows = []struct{ expression, want, ours string }{
	{"1+2*3", "7", ""},
	{"(1+2)*3", "9", ""},
	{" 7 % 4 - 10 / 3 ", "0", ""},
	{"10-3-2", "5", ""},
	{"-7/2", "-3", ""},
	{"-7%2", "-1", ""},
	{"2 - -2", "4", ""},
	{"blank + 1", "1", ""},
	{"--a", "3", ""},
	{"a--1", "4", ""},
	{"- - 3", "3", ""},
	{"!3 + !0", "1", ""},
	{"!!3", "1", ""},
	{"~5", "-6", ""},
	{"+a", "3", ""},
	{"1<2 == 2>1", "1", ""},
	{"1<=1 != 2>=3", "1", ""},
	{"1|6^3&5", "7", ""},
	{"6&3|8", "10", ""},
	{"1<<4>>2", "4", ""},
	{"1<<64", "1", ""},
	{"1<<-1", "-9223372036854775808", ""},
	{"-1>>1", "-1", ""},
	{"1 || 0 && 0", "1", ""},
	{"0 || 0", "0", ""},
	{"1 ? 2 : 3", "2", ""},
	{"0 ? 2 : 0 ? 4 : 5", "5", ""},
	{"1 ? 0 ? 6 : 7 : 8", "7", ""},
	{"010 + 0x1F + 0XfF", "294", ""},
	{"9223372036854775807 + 1", "-9223372036854775808", ""},
	{"9223372036854775808", "9223372036854775807", ""},
	{"0x8000000000000000", "9223372036854775807", ""},
	{"-9223372036854775807 - 1", "-9223372036854775808", ""},
	{"5000000000 * 5000000000", "6553255926290448384", ""},
	{"a * b", "-12", ""},
	{"octal + hex", "39", ""},
	{"spaced", "12", ""},
	{"unset + empty", "0", ""},
	{"least", "-9223372036854775808", ""},
	{"x = 5", "5 x=5", ""},
	{"x = y = a", "3 x=3 y=3", ""},
	{"x = 1 ? 2 : 3", "2 x=2", ""},
	{"a += 4", "7 a=7", ""},
	{"a -= 4", "-1 a=-1", ""},
	{"a *= b", "-12 a=-12", ""},
	{"a /= 2", "1 a=1", ""},
	{"a %= 2", "1 a=1", ""},
	{"a <<= 2", "12 a=12", ""},
	{"a >>= 1", "1 a=1", ""},
	{"a &= 6", "2 a=2", ""},
	{"a |= 8", "11 a=11", ""},
	{"a ^= 1", "2 a=2", ""},
	{"unset += 1", "1 unset=1", ""},
	{"(x = 2) + x", "4 x=2", ""},
	{"0 && (x = 1)", "0", ""},
	{"1 || (x = 1)", "1", ""},
	{"1 ? (x=1) : (y=1)", "1 x=1", ""},
	{"0 && 1/0", "0", ""},
	{"1 || word", "1", ""},
	{"\t1\n+\n1", "2", ""},
	{"a == 3 ? 1 : 0", "1", ""},
	{"1 == 1 == 1", "1", ""},
	{"fixed", "0", ""},
	{"least / -1", "-9223372036854775808", "dash dies of a signal there, or clamps"},
	{"least % -1", "0", "dash dies of a signal there"},

	{"1/0", "error", ""},
	{"1%0", "error", ""},
	{"a /= 0", "error", ""},
	{"08", "error", ""},
	{"0x", "error", ""},
	{"1a", "error", ""},
	{"10#1", "error", ""},
	{"2**3", "error", ""},
	{"1,2", "error", ""},
	{"a++", "error", ""},
	{"1 2", "error", ""},
	{"1 +", "error", ""},
	{"* 1", "error", ""},
	{"(1", "error", ""},
	{"1)", "error", ""},
	{"1 ? 2", "error", ""},
	{"1 ? : 2", "error", ""},
	{"0 ? 1 : x = 2", "error", ""},
	{"1 = 2", "error", ""},
	{"a = ", "error", ""},
	{"", "error", ""},
	{" ", "error", ""},
	{"1.5", "error", ""},
	{"$", "error", ""},
	{"word", "error", ""},
	{"sum", "error", ""},
	{"bad", "error", ""},
	{"large", "error", ""},
	{"fixed = 1", "error", ""},
	{"\xff", "error", ""},
}

func TestEvaluate(t *testing.T) {
	for _, row := range rows {
		t.Run(row.expression, func(t *testing.T) {
			v := maps.Clone(given)
			got := "error"
			if value, err := Evaluate(row.expression, v); err == nil {
				got = strconv.FormatInt(value, 10)
				for _, name := range []string{"a", "x", "y", "unset"} {
					if v[name] != given[name] {
						got += " " + name + "=" + v[name]
					}
				}
			}
			if got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
			if row.ours == "" {
				if got := dash(t, row.expression); got != row.want {
					t.Errorf("dash has %s, want %s", got, row.want)
				}
			}
		})
	}
}

func dash(t *testing.T, expression string) string {
	t.Helper()
	const script = `before=$a; e=$1; r=$(($e)) || exit; printf %s "$r"
[ "$a" = "$before" ] || printf ' a=%s' "$a"
for n in x y unset; do eval "v=\${$n-}"; [ -z "$v" ] || printf ' %s=%s' "$n" "$v"; done`
	cmd := exec.Command("dash", "-c", "readonly fixed\n"+script, "dash", expression)
	for name, value := range given {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.Output()
	if err != nil {
		return "error"
	}
	return string(out)
}

func TestErrors(t *testing.T) {
	for expression, want := range map[string]string{
		"1/0":    `arithmetic expression "1/0": division by zero`,
		" 1 + ":  `arithmetic expression "1 +": an operand is missing at its end`,
		"08":     `arithmetic expression "08": "08" is no number`,
		"a ! b":  `arithmetic expression "a ! b": "! b" does not fit here`,
		"word+1": `arithmetic expression "word+1": the variable word is "abc", which is no number`,
	} {
		var failed *Error
		if _, err := Evaluate(expression, given); !errors.As(err, &failed) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestDepth(t *testing.T) {
	for _, expression := range []string{strings.Repeat("(", 1e6), strings.Repeat("-", 1e6), strings.Repeat("1?", 1e6), strings.Repeat("a=", 1e6)} {
		if _, err := Evaluate(expression, variables{}); err == nil {
			t.Errorf("%.9s… has a value", expression)
		}
	}
}
