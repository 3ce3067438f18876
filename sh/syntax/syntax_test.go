package syntax

import (
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"bootrc/test/bound"
)

// What is no command says so, and where.
func TestErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"fi", `line 1: syntax error: unexpected "fi"`},
		{"\nif true; then\necho b\n", `line 2: syntax error: "if" is not closed: "fi" is missing`},
		{"while :; do (echo\ndone", `line 2: syntax error: unexpected "done"`},
		{"echo\necho 'a\nb", `line 2: syntax error: the quote ' is not closed: another ' is missing`},
		{"echo \"a $(b", `line 1: syntax error: "$(" is not closed: ")" is missing`},
		{"echo ${a", `line 1: syntax error: ${ is not closed: } is missing`},
		{"echo $((1+2", `line 1: syntax error: $(( is not closed: )) is missing`},
		{"echo `a", "line 1: syntax error: the quote ` is not closed: another ` is missing"},
		{"echo a )", `line 1: syntax error: unexpected ")"`},
		{"a ;; b", `line 1: syntax error: unexpected ";;"`},
		{"a & & b", `line 1: syntax error: unexpected "&"`},
		{"echo >", `line 1: syntax error: unexpected end of file`},
		{"echo > ;", `line 1: syntax error: unexpected ";"`},
		{"( )", `line 1: syntax error: unexpected ")"`},
		{"if then fi", `line 1: syntax error: unexpected "then"`},
		{"for 1 in a; do :; done", `line 1: syntax error: bad for loop variable`},
		{"a-b() { :; }", `line 1: syntax error: bad function name`},
		{"echo 99999>f", `line 1: syntax error: descriptor 99999 is too high`},
	} {
		_, err := ParseAll(tt.text, 1, nil)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

// The real shell takes and refuses the same.
func TestAsInTheRealShell(t *testing.T) {
	for _, text := range []string{
		"", "\n\n", "# nothing", "a;b", "a\\\nb", "a &&\n\nb ||\nc", "! a | b", "a & b &", "{ a; }", "{ a }", "(a)", "(a;)", "( (a) )", "{ (a) }",
		"if a; then b; elif c; then d; else e; fi", "if a\nthen b\nfi", "while a; do b; done", "until a; do b; done <f", "for i; do a; done",
		"for i\ndo a; done", "for i in; do a; done", "for i in a b\n\ndo c; done", "for in in in; do :; done", "case a in esac", "case a in b) c; esac",
		"case a in (b|c) d;; *) e\nesac", "case esac in (esac) a;; esac", "case a in\n#c\na) ;;\nesac", "f() { a; }", "f()\n\n(a)", "f() if a; then b; fi >c",
		"a=b", "a=b c=d e", "a= b", "a =b", "a=$(b) c", ">a", ">a b=c <d e", "2>&1 a", "a 2>&-", "a <<E\nb\nE", "a <<'E' <<-F\nb\nE\n\tc\n\tF", "a <<E;b\nc\nE\nd",
		"a <<E", "a $(b <<E\nc\nE\n)", "a `b \\`c\\``", "a \"$(b \"c\")\"", "a ${b:-c} ${#b} ${b%%c} ${#} ${##b} ${@}", "a \"${b-'c}\"", "a ${b-'c}'}",
		"a $((1 + (2))) $(((3)))", "a $( (b) )", "} a", "a }", "do", "in", "a <", "a <<", "a | | b", "&& a", "a ||", "(a", "{ a", "if a; fi",
		"case a b", "for a b", "f(", "f() ", "if", "a ${b", "a \"b", "$(a", "a 'b'\"c\"d", "!", "! ! a", "{a", "a{b", "a;;", ";", "&", "a <>b >|c >>d",
	} {
		_, err := ParseAll(text, 1, nil)
		dash := exec.Command("dash", "-n")
		dash.Stdin = strings.NewReader(text)
		refused := dash.Run() != nil
		if text == "! ! a" {
			refused = false // an extension that dash lacks
		}
		if (err != nil) != refused {
			t.Errorf("%q: %v; dash refuses: %v", text, err, refused)
		}
	}
}

// What is nested too deep for any person is refused, and takes no longer than its length asks for.
func TestNesting(t *testing.T) {
	for _, opening := range []string{"(", "{ ", "$(", "$((", "${a:-", "\"$(", "if ", "a=$((b); ", "a() ", "! ", "`"} {
		if _, err := ParseAll(strings.Repeat(opening, 20001), 1, nil); err == nil {
			t.Errorf("%q is no error", opening)
		}
	}
	deep := strings.Repeat("$((a);", 200) + strings.Repeat(")", 200)
	if _, err := ParseAll("echo "+deep, 1, nil); err != nil {
		t.Error(err)
	}
}

// lines is a source that tells how much of it was read.
type lines struct {
	all  []string
	read int
}

func (l *lines) Line(bool) (string, error) {
	if l.read == len(l.all) {
		return "", io.EOF
	}
	l.read++
	return l.all[l.read-1], nil
}

// Each command is read to the end of its line and no further, with the aliases that
// are there by then.
func TestLineByLine(t *testing.T) {
	l := &lines{all: []string{"a\n", "\n", "if b\n", "then c; fi\n", "x <<E\n", "E\n", "d 'e\n", "f'; g\n", "# h\n"}}
	p := NewParser(l, 1)
	for _, want := range []struct{ read, commands int }{{1, 1}, {2, 0}, {4, 1}, {6, 1}, {8, 2}, {9, 0}} {
		list, err := p.Next()
		if err != nil || l.read != want.read || len(list) != want.commands {
			t.Errorf("%d lines read, %d commands, %v; want %v", l.read, len(list), err, want)
		}
	}
	if _, err := p.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestNextAfterError(t *testing.T) {
	p := NewParser(Text("fi; echo\nb c\n"), 1)
	var failed *Error
	if _, err := p.Next(); !errors.As(err, &failed) {
		t.Fatal(err)
	}
	for _, want := range []int{0, 1} { // the end of that line, and the next
		if list, err := p.Next(); err != nil || len(list) != want {
			t.Errorf("%v, %v, want %d commands", list, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a 'b' \"$c\" `d` $((e)) ${f-g} $'h' # i", "if a; then b; fi >c <<E\nd\nE", "case a in (b|c) d;; e) ;& esac", "f() { ! a | b && c & }"} {
		f.Add(seed)
	}
	aliases := map[string]string{"a": "b ", "b": "if", "c": "c c", "d": "'", "e": "(\n"}
	f.Fuzz(func(t *testing.T, text string) {
		bound.Input(t, len(text))
		ParseAll(text, 1, func(name string) (string, bool) { s, ok := aliases[name]; return s, ok })
		ParseWords(text)
	})
}
