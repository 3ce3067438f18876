package boot

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/init/cmdline"
	"bootrc/init/trust"
	"bootrc/test/program"
)

func TestFileOfArguments(t *testing.T) {
	name := filepath.Join(t.TempDir(), "cmdline")
	if line, err := gather(nil, file(name)); err != nil || line.Has("b2c.run") {
		t.Errorf("without a file: %v", err)
	}
	for _, tt := range []struct{ text, hostname, err string }{
		{"b2c.hostname=\"a\nb\"", "a\nb", ""},
		{"# b2c.hostname=b\nb2c.hostname=a # b2c.hostname=b", "a", ""},
		{"b2c.hostname=a b2c.run", "a", ": argument b2c.run: a value is missing"},
		{"b2c.hostname=a\x00", "boot2container", ": binary data, not arguments"},
	} {
		write(t, name, tt.text)
		line, err := gather(nil, file(name))
		if got := line.Value("b2c.hostname"); got != tt.hostname {
			t.Errorf("%q: hostname %q, want %q", tt.text, got, tt.hostname)
		}
		checkError(t, tt.text, err, name, tt.err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// With a key, files count only with its signature, and nothing in them names another key.
func TestFilesThatAreSigned(t *testing.T) {
	folder := t.TempDir()
	key := filepath.Join(t.TempDir(), "key")
	keygen := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(program.Need(t, "ssh-keygen"), args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	keygen("-q", "-t", "ed25519", "-N", "", "-f", key)
	sign := func(name string) { keygen("-q", "-Y", "sign", "-f", key, "-n", trust.Namespace, name) }
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	kernel := `b2c.hostname=kernel b2c.trust="` + strings.TrimSpace(string(public)) + `"`
	for _, name := range []string{"/cmdline", "/cmdline.d/10"} {
		write(t, folder+name, "b2c.run="+name+" b2c.trust=other")
		g, err := firstArguments(kernel, folder)
		if g.line().Has("b2c.run") != (name != "/cmdline") {
			t.Errorf("%s counts without a signature", name)
		}
		checkError(t, name, err, folder+name, ": it is not signed: ")
		sign(folder + name)
		g, err = firstArguments(kernel, folder)
		if err != nil || len(g.keys) != 1 || len(g.line().Values("b2c.trust")) != 1 {
			t.Errorf("signed: %v", err)
		}
	}
	if g, err := firstArguments("b2c.trust=nothing", folder); err == nil || g.line().Has("b2c.run") {
		t.Errorf("with a key that is none: %v", err)
	}
}

// Each place counts more than those before it, in the order of docs/configuration.md, whenever it is read.
func TestOrderOfPlaces(t *testing.T) {
	folder := t.TempDir()
	g, err := firstArguments("", folder)
	if err != nil {
		t.Fatal(err)
	}
	line := func(name string) *cmdline.Line {
		line, err := cmdline.Parse("b2c.hostname=" + name + " b2c.run=" + name)
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	places := []struct {
		name string
		give func(name string)
	}{
		{"cmdline", func(n string) { write(t, folder+"/cmdline", "b2c.hostname="+n+" b2c.run="+n) }},
		{"d-10", func(n string) { write(t, folder+"/cmdline.d/10", "b2c.hostname="+n+" b2c.run="+n) }},
		{"d-20", func(n string) { write(t, folder+"/cmdline.d/20", "b2c.hostname="+n+" b2c.run="+n) }},
		{"stick", func(n string) { g.machine = g.machine.With(line(n)) }},
		{"kernel", nil}, {"packed", nil},
		{"server", func(n string) { g.server = g.server.With(line(n)) }},
	}
	for last := range places {
		os.RemoveAll(folder)
		kernel, want := "", ""
		var late []int
		for i, p := range places[:last+1] {
			want += " '" + p.name + "'"
			switch {
			case p.name == "kernel":
				kernel += " b2c.hostname=kernel b2c.run=kernel"
			case p.name == "packed":
				kernel += " b2c.extra_args=base64:" + base64.StdEncoding.EncodeToString([]byte("b2c.hostname=packed b2c.run=packed"))
			case p.name == "stick" || p.name == "server":
				late = append(late, i)
			default:
				p.give(p.name)
			}
		}
		if g, err = firstArguments(kernel, folder); err != nil {
			t.Fatal(err)
		}
		for _, i := range late {
			places[i].give(places[i].name)
		}
		now := g.line()
		runs := now.Values("b2c.run")
		if got := " '" + strings.Join(runs, "' '") + "'"; got != want || now.Value("b2c.hostname") != places[last].name {
			t.Errorf("up to %s: hostname %s, runs%s; want%s", places[last].name, now.Value("b2c.hostname"), got, want)
		}
	}
}

func TestUnpack(t *testing.T) {
	for _, tt := range []struct{ text, hostname, err string }{
		{"b2c.hostname=a", "a", ""},
		{"b2c.hostname=a b2c.run", "a", ": argument b2c.run: a value is missing"},
		{"<html>", "boot2container", ": an HTML or XML page, not arguments"},
		{"b2c.hostname=a b2c.extra_args=base64:", "a", ""},
	} {
		line, err := cmdline.Parse("b2c.extra_args=base64:" + base64.StdEncoding.EncodeToString([]byte(tt.text)))
		if err != nil {
			t.Fatal(err)
		}
		packed, err := unpack(line)
		if got := packed.Value("b2c.hostname"); got != tt.hostname || packed.Has("b2c.extra_args") {
			t.Errorf("%q: hostname %q, want %q, and no further b2c.extra_args", tt.text, got, tt.hostname)
		}
		checkError(t, tt.text, err, "argument b2c.extra_args", tt.err)
	}
}

// checkError wants an error that begins with source and text, or none for "".
func checkError(t *testing.T, input string, err error, source, text string) {
	t.Helper()
	switch {
	case text == "" && err != nil, text != "" && err == nil:
		t.Errorf("%q: error %v, want %q", input, err, text)
	case text != "" && !strings.HasPrefix(err.Error(), source+text):
		t.Errorf("%q: error %v, want %s%s", input, err, source, text)
	}
}
