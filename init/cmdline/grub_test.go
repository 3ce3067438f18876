package cmdline

import (
	"reflect"
	"strings"
	"testing"

	"bootrc/test/bound"
)

// asGRUB writes a command line as GRUB 2.06 does.
func asGRUB(args ...string) string {
	line := "BOOT_IMAGE=/boot/vmlinuz"
	for _, arg := range args {
		for _, special := range []string{`\`, `'`, `"`} {
			arg = strings.ReplaceAll(arg, special, `\`+special)
		}
		if strings.Contains(arg, " ") {
			arg = `"` + arg + `"`
		}
		line += " " + arg
	}
	return line + "\n"
}

func TestFromGRUB(t *testing.T) {
	for _, args := range [][]string{
		{"quiet", "b2c.hostname=dut"},
		{`b2c.run=-e A='x y' docker://r/i sh -c 'echo "it'\''s" \n'`, "last"},
		{`a='b'`, `c="d"`, `e=\`, `f g\`, `h \"`, `i\\ \`},
	} {
		var want []Arg
		for _, arg := range args {
			name, value, hasValue := strings.Cut(arg, "=")
			want = append(want, Arg{name, value, hasValue})
		}
		got, err := Split(fromGRUB(asGRUB(args...)))
		if err != nil || !reflect.DeepEqual(got[1:], want) {
			t.Errorf("%q became %v, %v", args, got, err)
		}
	}
}

// In the form in which a stick with GRUB 2.06 wrote it, and with what GRUB leaves as it is.
func TestLineOfGRUB(t *testing.T) {
	line := `BOOT_IMAGE=/boot/vmlinuz "b2c.run=-e A=\'x y\' i sh -c \'echo \"got \" in\'" b2c.x=\x20 b2c.hostname=stick`
	want := `"BOOT_IMAGE=/boot/vmlinuz" "b2c.run=-e A='x y' i sh -c 'echo \"got \" in'" "b2c.x=\x20" "b2c.hostname=stick"`
	if got := fromGRUB(line); got != want {
		t.Errorf("got %s", got)
	}
}

// A line with tabs in it is of another boot loader, but without quotes it can be GRUB's:
// the arguments are the same.
func TestTabsInALine(t *testing.T) {
	line := "BOOT_IMAGE=vmlinuz\tb2c.pipefail  b2c.hostname=dut\n"
	got, err := Split(fromGRUB(line))
	want, _ := Split(line)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

// Others than GRUB leave what was typed.
func TestNotFromGRUB(t *testing.T) {
	for _, line := range []string{
		"",
		`"b2c.run=sh -c \'x\'"`,
		`BOOT_IMAGE=vmlinuz b2c.run="sh -c 'a \'b'"`,
		`BOOT_IMAGE=vmlinuz "b2c.run=sh -c 'it'\''s'"`,
		`BOOT_IMAGE=vmlinuz b2c.run="a b"`,
		`BOOT_IMAGE=vmlinuz "b2c.run=a b`,
		`BOOT_IMAGE=vmlinuz "b2c.run=a b"c`,
		`BOOT_IMAGE=vmlinuz a\b`,
		`BOOT_IMAGE=vmlinuz \`,
	} {
		if got := fromGRUB(line); got != line {
			t.Errorf("%s became %s", line, got)
		}
	}
}

// FuzzFromGRUB holds that every word comes back as it was typed, but for what GRUB
// itself leaves in doubt.
func FuzzFromGRUB(f *testing.F) {
	for _, word := range []string{"a", `a='b c'`, `\\ "`, `\`, "é ü"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		bound.Input(t, len(word))
		if word == "" || strings.ContainsAny(word, "\t\n\v\f\r\x00") || strings.Contains(word, `\x`) {
			return // no argument, or none that GRUB writes so that it can be told apart
		}
		got, err := Split(fromGRUB(asGRUB(word, "last")))
		if err != nil || len(got) != 3 {
			t.Fatalf("%q became %v, %v", word, got, err)
		}
		back := got[1].Name
		if got[1].HasValue {
			back += "=" + got[1].Value
		}
		if back != word {
			t.Errorf("%q became %q", word, back)
		}
	})
}
