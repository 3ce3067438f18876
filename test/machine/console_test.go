package machine

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestConsoleMatchesInOrder(t *testing.T) {
	for _, c := range []struct {
		name, output string
		patterns     []string
		missed       string // the first that is not found
	}{
		{"in order", "one\r\ntwo\r\nthree\r\n", []string{"one", "three"}, ""},
		{"out of order", "one\r\ntwo\r\n", []string{"two", "one"}, "one"},
		{"the same text twice", "one\r\n", []string{"one", "one"}, "one"},
		{"the same text twice, later", "one\r\ntwo\r\n", []string{"one", "two", "two"}, "two"},
		{"twice on one line", "one one\r\n", []string{"one", "one"}, ""},
		{"whole lines", "one\r\ntwo\r\n", []string{"^one$", "^two$"}, ""},
		{"no line begins after a match", "one two\r\n", []string{"one ", "^two"}, "^two"},
		{"several carriage returns", "one\r\r\ntwo\r\n", []string{"^one$"}, ""},
		{"a line that is overwritten", "10%\r20%\r\n", []string{"^10%$", "^20%$"}, ""},
		{"colours", "\x1b[0;36mone\x1b[0m\r\n", []string{"^one$"}, ""},
		{"a terminal's title", "\x1b]0;bootrc\x07one\x1b]2;x\x1b\\ two\r\n", []string{"^one two$"}, ""},
		{"an escape without an end stays", "one\x1b[12", []string{"one\x1b"}, ""},
		{"a prompt without an end of line", "login: ", []string{"login: $"}, ""},
		{"nothing at all", "", []string{"one"}, "one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			console := ended(c.output)
			if missed := firstMissed(console, false, c.patterns); missed != c.missed {
				t.Errorf("missed %q of %q on %q, want %q", missed, c.patterns, c.output, c.missed)
			}
		})
	}
}

func TestRawConsoleKeepsEveryByte(t *testing.T) {
	output := "one\r\n\x1b[1mtwo\x1b[0m\r\n"
	if missed := firstMissed(ended(output), true, []string{`one\r\n`, `\x1b\[1mtwo\x1b\[0m\r\n`}); missed != "" {
		t.Errorf("missed %q", missed)
	}
	if firstMissed(ended(output), true, []string{`^one$`}) == "" {
		t.Error("the carriage return was dropped")
	}
}

func TestReadableAndRawMatchesFollowEachOther(t *testing.T) {
	console := ended("\x1b[1mone\x1b[0m\r\ntwo\r\none\r\n")
	for i, step := range []struct {
		raw     bool
		pattern string
	}{{false, "^one$"}, {true, `\r\ntwo`}, {false, "^one$"}} {
		if err := console.Expect(expression(step.pattern), step.raw, time.Now()); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
}

func TestHalfALineIsNotMatched(t *testing.T) {
	console := new(Console)
	fmt.Fprint(console, "status: 1")
	if console.Expect(expression("status: 1"), false, time.Now()) == nil {
		t.Error("half a line matched")
	}
	fmt.Fprint(console, "30\r\n")
	if err := console.Expect(expression("status: 130$"), false, time.Now()); err != nil {
		t.Error(err)
	}
}

func TestExpectWaits(t *testing.T) {
	console := new(Console)
	go func() {
		fmt.Fprint(console, "one\r\n")
		fmt.Fprint(console, "prompt> ")
	}()
	for _, pattern := range []string{"one", "prompt> $"} {
		if err := console.Expect(expression(pattern), false, time.Now().Add(patience)); err != nil {
			t.Error(err)
		}
	}
}

func TestExpectGivesUpAtTheDeadline(t *testing.T) {
	err := new(Console).Expect(expression("one"), false, time.Now())
	if err == nil || !strings.Contains(err.Error(), "time is up") {
		t.Errorf("got %v", err)
	}
}

// ended returns the console of a machine that wrote output and ended.
func ended(output string) *Console {
	console := new(Console)
	fmt.Fprint(console, output)
	console.End()
	return console
}

func expression(pattern string) *regexp.Regexp { return regexp.MustCompile("(?m)" + pattern) }

// firstMissed returns the first of patterns that console does not show after
// those before it.
func firstMissed(console *Console, raw bool, patterns []string) string {
	for _, pattern := range patterns {
		if console.Expect(expression(pattern), raw, time.Now()) != nil {
			return pattern
		}
	}
	return ""
}
