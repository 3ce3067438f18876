package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// author makes up scripts that end, and that write the same whenever they run. It keeps
// away from what docs/shell.md lists as different from dash.
type author struct {
	*rand.Rand
	depth     int  // of commands within commands
	functions int  // f1 … that are defined so far; a function calls only those before it
	function  int  // that is being written, or 0
	loops     int  // around this command
	apart     bool // within a part of a pipeline, or in the background: no files are shared
	subshell  bool // within a subshell, which a signal to $$ does not reach
	noUnset   bool // set -u: a here-document has no variables then
	documents []string
	delimiter int // of the last here-document
	files     int // that commands in the background write
}

// script makes up the script of a seed.
func script(seed uint64) string {
	a := &author{Rand: rand.New(rand.NewPCG(seed, 0))}
	var b strings.Builder
	b.WriteString("echo one >f1\necho two >f2\n")
	if a.chance(4) {
		options := a.pick("e", "u", "f", "eu", "C")
		a.noUnset = strings.Contains(options, "u")
		b.WriteString("set -" + options + "\n")
	}
	for range 3 + a.IntN(8) {
		b.WriteString(a.line())
	}
	b.WriteString("echo \"end $?\"\n")
	return b.String()
}

// chance is true once in n times.
func (a *author) chance(n int) bool { return a.IntN(n) == 0 }

func (a *author) pick(of ...string) string { return of[a.IntN(len(of))] }

// line is a command with the here-documents that follow it.
func (a *author) line() string {
	text := a.command() + "\n"
	for _, d := range a.documents {
		text += d
	}
	a.documents = nil
	return text
}

// lines is the body of a compound command.
func (a *author) lines() string {
	outer := a.documents
	a.documents = nil
	text := ""
	for range 1 + a.IntN(3) {
		text += a.line()
	}
	a.documents = outer
	return text
}

func (a *author) command() string {
	a.depth++
	defer func() { a.depth-- }()
	if a.depth > 4 {
		return a.simple()
	}
	switch a.IntN(24) {
	case 0:
		return "if " + a.condition() + "; then\n" + a.lines() + a.otherwise() + "fi" + a.redirected()
	case 1:
		return a.caseCommand() + a.redirected()
	case 2:
		return a.loop()
	case 3:
		return "{\n" + a.lines() + "}" + a.redirected()
	case 4, 5:
		return a.inSubshell(func() string { return "(\n" + a.lines() + ")" }) + a.redirected()
	case 6, 7:
		return a.pipeline()
	case 8:
		return a.command() + a.pick(" && ", " || ") + a.oneLine()
	case 9:
		return "! " + a.simple()
	case 10:
		return a.define()
	case 11:
		return "eval " + quoted(a.oneLine())
	case 12:
		if !a.apart {
			return a.background()
		}
	case 13:
		if a.function == 0 && !a.subshell {
			return a.pick("trap 'echo \"trap $?\"' EXIT", "trap - EXIT", "trap 'echo usr1' USR1; kill -USR1 $$", "trap '' USR1; kill -USR1 $$")
		}
	}
	return a.simple()
}

// oneLine is a command that has no here-document.
func (a *author) oneLine() string {
	outer := a.documents
	defer func() { a.documents = outer }()
	for {
		a.documents = nil
		if text := a.command(); a.documents == nil {
			return text
		}
	}
}

// inSubshell writes what is run by a subshell, and can't leave loops around it.
func (a *author) inSubshell(write func() string) string {
	loops, subshell := a.loops, a.subshell
	a.loops, a.subshell = 0, true
	defer func() { a.loops, a.subshell = loops, subshell }()
	return write()
}

func (a *author) otherwise() string {
	switch a.IntN(3) {
	case 0:
		return "else\n" + a.lines()
	case 1:
		return "elif " + a.condition() + "; then\n" + a.lines()
	}
	return ""
}

func (a *author) condition() string {
	switch a.IntN(5) {
	case 0:
		return a.oneLine()
	case 1:
		return a.pick("true", "false", "! false", "(exit 2)")
	case 2:
		return "[ " + a.word() + " ]"
	}
	return a.test()
}

func (a *author) test() string {
	switch a.IntN(5) {
	case 0:
		return "[ " + a.quotedWord() + a.pick(" = ", " != ") + a.quotedWord() + " ]"
	case 1:
		return "[ " + a.pick("-n ", "-z ", "! ", "") + a.quotedWord() + " ]"
	case 2:
		return "[ " + a.number() + a.pick(" -eq ", " -lt ", " -ge ", " -ne ") + a.number() + " ]"
	case 3:
		return "[ " + a.pick("-e", "-f", "-d", "-s") + " " + a.file() + " ]"
	}
	return "test " + a.quotedWord() + " = " + a.quotedWord() + a.pick(" -a ", " -o ") + a.number() + " -gt " + a.number()
}

func (a *author) caseCommand() string {
	text := "case " + a.word() + " in\n"
	for range 1 + a.IntN(3) {
		text += a.pattern()
		if a.chance(3) {
			text += " | " + a.pattern()
		}
		text += ")\n" + a.lines() + ";;\n"
	}
	return text + "esac"
}

func (a *author) loop() string {
	a.loops++
	defer func() { a.loops-- }()
	if a.chance(2) {
		return "for " + a.variable() + " in " + a.words() + "; do\n" + a.lines() + "done" + a.redirected()
	}
	n := fmt.Sprintf("n%d", a.depth)
	return n + "=0\n" + a.pick("while [ $"+n+" -lt 3 ]", "until [ $"+n+" -ge 2 ]") + "; do\n" + n + "=$((" + n + "+1))\n" + a.lines() + "done" + a.redirected()
}

// pipeline is made of parts that share no file; what all but the last write goes to the next.
func (a *author) pipeline() string {
	outer := a.apart
	a.apart = true
	defer func() { a.apart = outer }()
	return a.inSubshell(func() string {
		text := a.oneLine()
		if strings.HasPrefix(text, "! ") || strings.Contains(text, " && ") || strings.Contains(text, " || ") {
			text = "{ " + text + "; }"
		}
		return text + " | " + a.pick("cat", "cat -", "sed 's/^/>/'", "{ read -r x; echo \"<$x>\"; cat; }", "while read -r x y; do echo \"$y-$x\"; done", "wc -l", "tr a-c x-z", "(cat)",
			"while IFS=: read x y; do echo \"[$x][$y]\"; done")
	})
}

func (a *author) background() string {
	a.apart = true
	defer func() { a.apart = false }()
	a.files++
	file := fmt.Sprintf("bg%d", a.files)
	return a.inSubshell(func() string {
		return "{ " + a.oneLine() + "\n} >" + file + " &\n" + a.pick("wait", "wait $!", "wait $!; echo $?") + "\ncat " + file
	})
}

// define is a function's definition, and a call.
func (a *author) define() string {
	if a.function != 0 || a.functions == 3 {
		return a.call()
	}
	a.function = a.functions + 1
	body := a.inSubshell(func() string {
		if a.chance(3) {
			return "local " + a.variable() + "=" + a.word() + "\n" + a.lines()
		}
		return a.lines()
	})
	text := fmt.Sprintf("f%d() ", a.function) + a.pick("{\n"+body+"}", "{\n"+body+"}", "(\n"+body+")")
	a.function = 0
	a.functions++
	return text + "\n" + a.call()
}

func (a *author) call() string {
	known := a.functions
	if a.function > 0 {
		known = a.function - 1
	}
	if known == 0 {
		return a.simple()
	}
	return fmt.Sprintf("f%d ", 1+a.IntN(known)) + a.words()
}

func (a *author) simple() string {
	switch a.IntN(26) {
	case 0, 1, 2, 3:
		return a.variable() + "=" + a.word()
	case 4:
		return "set -- " + a.words()
	case 5:
		return "IFS=" + a.pick(":", "' '", "''", "' :'", "a", "\"$d\"") + "; d=' '"
	case 6:
		return a.pick("unset ", "export ") + a.variable()
	case 7:
		return a.pick("true", "false", ":", "(exit 3)", "unset IFS", "set -f", "set +f", "set +e", "set -e", "set +u")
	case 8:
		return a.number() + "=" // not a name: a command that is missing
	case 9:
		return "shift" + a.pick("", " 1", " 2") + " 2>/dev/null || :"
	case 10:
		if a.function > 0 {
			return "return" + a.pick("", " 0", " 3", " $?")
		}
	case 11:
		if a.loops > 0 {
			return a.pick("break", "continue", "break 2", "continue 1")
		}
	case 12:
		if a.chance(3) {
			return "exit" + a.pick("", " 0", " 4")
		}
	case 13:
		return a.variable() + "=" + a.word() + " " + a.pick("eval 'echo \"$a$b\"'", "sh -c 'echo \"$a$b$x\"'", ":", "true", "echo "+a.words())
	case 14:
		return a.call()
	case 15:
		if !a.apart {
			file := a.file() // not by cat, which refuses to copy a file onto itself
			return "[ -f " + file + " ] && read -r x y <" + file + "; echo \"$x|$y\""
		}
	case 16:
		if !a.apart {
			return a.pick("exec 3>f1", "exec 3>&1", "exec 3>&-", "exec 3<f1", "exec 3>>f1", "exec 4>&2")
		}
	case 17:
		return a.document("cat")
	case 18:
		return a.document("read " + a.pick("", "-r ") + a.pick("x", "x y", "a b c"))
	case 19:
		return "printf '[%s]" + a.pick("\\n", "", "%s\\n") + "' " + a.words()
	case 20:
		return a.test() + "; echo $?"
	}
	text := "echo " + a.words()
	if a.chance(3) {
		text += a.redirected()
	}
	return text
}

// document is a command with a here-document, which comes after the line.
func (a *author) document(command string) string {
	a.delimiter++
	end := fmt.Sprintf("E%d", a.delimiter)
	a.documents = append(a.documents, a.documentText()+end+"\n")
	if a.chance(4) {
		return command + " <<'" + end + "'"
	}
	return command + " <<" + end
}

func (a *author) documentText() string {
	if a.noUnset {
		return "a b:c\n"
	}
	text := ""
	for range a.IntN(3) {
		inside := a.insides()
		if strings.Contains(inside, "$((") {
			inside = "$((1+2))" // an error would end the script here, and not in dash
		}
		text += a.pick("", "  ", "\\\\ ", "\t") + inside + a.pick("", ":", " b", "\\$x", "'", "\"") + "\n"
	}
	return text
}

func (a *author) redirected() string {
	if a.apart || !a.chance(4) {
		return ""
	}
	return a.pick(" >f1", " >>f1", " 2>f2", " >f2 2>&1", " 2>/dev/null", " </dev/null", " <f1", " >&2", " 3>f2", " >&3", " >|f1", " 2>&1 >/dev/null", " <>f1", " >\"f 3\"", " 3>&-")
}

func (a *author) file() string { return a.pick("f1", "f2", "'f 3'", "nosuch", "bg1") }

func (a *author) variable() string { return a.pick("a", "b", "c", "x", "y") }

func (a *author) number() string {
	return a.pick("0", "1", "2", "10", "-1", "$#", "${#a}", "$((x+1))", "$?", "007")
}

func (a *author) words() string {
	var words []string
	for range a.IntN(4) {
		words = append(words, a.word())
	}
	return strings.Join(words, " ")
}

// word is one to three pieces.
func (a *author) word() string {
	text := ""
	for range 1 + a.IntN(3) {
		text += a.piece()
	}
	return text
}

func (a *author) quotedWord() string { return "\"" + a.insides() + "\"" }

func (a *author) piece() string {
	switch a.IntN(9) {
	case 0, 1:
		return a.pick("a", "b", "abc", "1", "-n", "a:b", "=", "x.y", "~", "/", ":", "%", ",")
	case 2:
		return "'" + a.pick("", "a b", "  ", "*", "$x", "\\", "\"", "a:b", "f?") + "'"
	case 3, 4:
		return a.quotedWord()
	case 5:
		return "\\" + a.pick("a", " ", "*", "\\", "$", "\"", "'")
	case 6:
		return a.pick("*", "f*", "f?", "[a-f]1", "[!f]*", "nosuch*")
	}
	return a.expansion(false)
}

// insides is what may stand within double quotes.
func (a *author) insides() string {
	text := ""
	for range a.IntN(3) {
		switch a.IntN(4) {
		case 0:
			text += a.pick("a", " ", "  b", ":", "*", "'", "\\\\", "\\$", "c d", "\\a")
		default:
			text += a.expansion(true)
		}
	}
	return text
}

func (a *author) expansion(quotes bool) string {
	a.depth++
	defer func() { a.depth-- }()
	v := a.pick("a", "b", "c", "x", "y", "1", "2", "u")
	switch a.IntN(14) {
	case 0, 1, 2:
		return "$" + v
	case 3:
		return "${" + v + "}"
	case 4, 5:
		if a.depth < 4 {
			inner := a.pick("", "a", "a b", ":", a.expansion(quotes))
			if !quotes {
				inner = a.pick(inner, a.word())
			}
			if v == "1" || v == "2" {
				return "${" + v + a.pick("-", ":-", "+", ":+") + inner + "}"
			}
			return "${" + v + a.pick("-", ":-", "+", ":+", "=", ":=") + inner + "}"
		}
	case 6:
		return "${#" + v + "}"
	case 7, 8:
		return "${" + v + a.pick("%", "%%", "#", "##") + a.pattern() + "}"
	case 9:
		if a.depth < 4 {
			return a.substitution()
		}
	case 10:
		return "$((" + a.arithmetic() + "))"
	case 11:
		return a.pick("$@", "$*", "$#", "$?", "${@}", "${*}")
	}
	return "$" + v
}

func (a *author) substitution() string {
	apart := a.apart
	a.apart = true
	text := a.inSubshell(a.oneLine)
	a.apart = apart
	return "$( " + text + "\n)" // a space: $(( would be arithmetic
}

func (a *author) arithmetic() string {
	x := a.pick("1", "2", "x", "010", "0x1f", "$#", "3")
	switch a.IntN(6) {
	case 0:
		return x
	case 1:
		return "x=" + x
	case 2:
		return "(" + a.arithmetic() + ")"
	case 3:
		return x + "?" + a.pick("1", "x", "2") + ":" + a.pick("0", "y", "4")
	case 4:
		return a.pick("-", "!", "~", "+") + x
	}
	return x + a.pick("+", "-", "*", "/", "%", "<", "==", "&", "|", "^", "<<", "&&", "||", ">=") + a.pick("1", "2", "x", "3", "(4-1)")
}

func (a *author) pattern() string {
	text := ""
	for range 1 + a.IntN(2) {
		text += a.pick("a", "*", "?", "b*", "[a-c]", "[!a]", "'*'", "\"?\"", "\\*", ":", "$x", "\"$a\"", "f1", "\\ ")
	}
	return text
}

// quoted is a text in single quotes.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
