package boot

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/kit/command"
	"bootrc/sh/syntax"
	"bootrc/test/program"
)

// The bundled hooks are POSIX, so that what a person knows of a shell is true
// of them, and every one of them is a phase.
func TestBundledHooks(t *testing.T) {
	hooks, err := filepath.Glob("../../hooks/*")
	if err != nil || len(hooks) == 0 {
		t.Fatalf("no hooks: %v", err)
	}
	for _, hook := range hooks {
		if !isHookName(filepath.Base(hook)) {
			t.Errorf("%s is not named NN-name.sh", hook)
		}
		text, err := os.ReadFile(hook)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := syntax.ParseAll(string(text), 1, nil); err != nil {
			t.Errorf("%s: %v", hook, err)
		}
		if out, err := exec.Command(program.Need(t, "dash"), "-n", hook).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", hook, err, out)
		}
	}
}

// stand are commands that do nothing but print how they were called; those in failing then fail.
func stand(names string, failing ...string) (all []command.Command) {
	for name := range strings.FieldsSeq(names) {
		all = append(all, command.Command{Name: name, Summary: "stand in", Operands: "[WORD…]", Literal: true, Run: func(_ context.Context, call *command.Call) error {
			call.Printf("<%s %s>\n", name, strings.Join(call.Args, " "))
			if slices.Contains(failing, name) {
				return errors.New("it failed")
			}
			return nil
		}})
	}
	return all
}

// bundled is a bundled hook, with other words in some places.
func bundled(t *testing.T, name string, others ...string) string {
	t.Helper()
	text, err := os.ReadFile("../../hooks/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(others...).Replace(string(text))
}

// Whatever fails, the stick is not left mounted; hooks that nobody has signed are named at the end.
func TestStickIsUnmounted(t *testing.T) {
	for _, tt := range []struct{ line, arguments, failing, want string }{
		{"", "b2c.hostname=a", "", ": arguments and hooks are those of "},
		{"", "b2c.hostname=a", "cp", "ERROR: 15-stick.sh: "},
		{"", `b2c.hostname="a`, "", "arguments.txt: argument \"b2c.hostname\": a double quote is not closed"},
		{"b2c.trust=" + someKey, "", "", "Not fatal: 35-wifi.sh: the stick's hooks have no signature, which b2c.trust= wants: not taken\n"},
	} {
		stick := t.TempDir()
		write(t, stick+"/hooks/35-wifi.sh", "echo never")
		if tt.arguments != "" {
			write(t, stick+"/arguments.txt", tt.arguments)
		}
		got := bootWith(t, "b2c.log=plain b2c.stick=LABEL=S "+tt.line, map[string]string{
			"15-stick.sh": bundled(t, "15-stick.sh", "/run/bootrc/stick", stick),
			"90-end.sh":   "causes",
		}, stand("wait-for mkdir modprobe mount cp umount", tt.failing)...)
		if strings.Count(got, "<umount "+stick+">\n") != 1 || !strings.Contains(got, tt.want) {
			t.Errorf("%+v:\n%s", tt, got)
		}
	}
}

// An authority is fetched once, and once more where a server has added others.
func TestAuthoritiesAreFetchedOnce(t *testing.T) {
	for arguments, want := range map[string]string{
		"b2c.hostname=a":  "<trust-ca /a>\n",
		"b2c.ca=/b":       "<trust-ca /a>\n<trust-ca /a /b>\n",
		"b2c.login=x,y":   ": b2c.login=x,…: not REGISTRY,USER,SECRET",
		"b2c.minio=n,u,k": ": b2c.minio=n,…: not ALIAS,URL,ACCESS_KEY,SECRET_KEY",
	} {
		fetch := command.Command{Name: "fetch", Summary: "stand in", Operands: "[WORD…]", Literal: true, Run: func(_ context.Context, call *command.Call) error {
			call.Printf("%s", arguments)
			return nil
		}}
		got := bootWith(t, "b2c.log=plain b2c.ca=/a b2c.extra_args_url=http://h/", map[string]string{
			"40-config.sh": bundled(t, "40-config.sh"),
			"90-end.sh":    "causes",
		}, append(stand("trust-ca"), fetch)...)
		if !strings.Contains(got, want) || strings.Count(got, "<trust-ca") != max(1, strings.Count(want, "<trust-ca")) {
			t.Errorf("%s:\n%s", arguments, got)
		}
	}
}
