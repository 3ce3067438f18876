package trust

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootrc/init/cmdline"
	"bootrc/test/program"
)

// signer is a key of ssh-keygen's.
type signer struct{ file, public string }

func newSigner(t *testing.T) signer {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	keygen(t, "-q", "-t", "ed25519", "-N", "", "-f", file)
	public, err := os.ReadFile(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return signer{file, string(public)}
}

func keygen(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(program.Need(t, "ssh-keygen"), args...).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (s signer) sign(t *testing.T, namespace, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	keygen(t, "-q", "-Y", "sign", "-f", s.file, "-n", namespace, file)
	signature, err := os.ReadFile(file + ".sig")
	if err != nil {
		t.Fatal(err)
	}
	return string(signature)
}

// Who would have a machine do other work: each time one clear line.
func TestAttacksOnTexts(t *testing.T) {
	key, other := newSigner(t), newSigner(t)
	const text = "b2c.run=\"box\"\nb2c.machine=farm-7,52:54:00:12:34:56 b2c.expires=2100-01-01T00:00:00Z\n"
	sign := func(text string) string { return key.sign(t, Namespace, text) }
	good := sign(text)
	now := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, text, signature string // signature: beside it; "": there is none
		want                  string
	}{
		{"signed, the signature beside it", text, good, ""},
		{"signed, the signature at its end", text + good, "", ""},
		{"unsigned", text, "", "it is not signed: no such file"},
		{"by another key", text, other.sign(t, Namespace, text), "it is signed by another key, SHA256:"},
		{"by another key, at its end, with a good one beside it", text + other.sign(t, Namespace, text), good, "it is signed by another key, SHA256:"},
		{"for something else", text, key.sign(t, "file", text), `it is signed for "file", not for "bootrc"`},
		{"altered", strings.Replace(text, "box", "evil", 1), good, "what is signed was altered"},
		{"altered before its signature", "b2c.run=evil\n" + text + good, "", "what is signed was altered"},
		{"longer behind its signature", text + good + "b2c.run=evil\n", good, "what is signed was altered"},
		{"another text's signature", text, sign("b2c.run=other\n"), "what is signed was altered"},
		{"a signature that is a page", text, "<html>", "it is no SSH signature"},
		{"a signature cut short", text, good[:len(good)/2], "it is no SSH signature"},
		{"expired", "b2c.expires=2026-11-26T23:59:59Z", sign("b2c.expires=2026-11-26T23:59:59Z"), "b2c.expires=2026-11-26T23:59:59Z: it is 2026-11-27T00:00:00Z"},
		{"expired at the end of a day", "b2c.expires=2026-11-27", sign("b2c.expires=2026-11-27"), "b2c.expires=2026-11-27: it is 2026-11-27"},
		{"expired, whatever else it says", "b2c.expires=2020-01-01 b2c.expires=2100-01-01", sign("b2c.expires=2020-01-01 b2c.expires=2100-01-01"), "b2c.expires=2020-01-01: it is"},
		{"a time that is none", "b2c.expires=never", sign("b2c.expires=never"), "b2c.expires=never: expected a time such as"},
		{"another machine's", "b2c.machine=farm-8", sign("b2c.machine=farm-8"), "b2c.machine=farm-8: this machine is 52:54:00:12:34:56, farm-7"},
	} {
		keys, err := ParseKeys([]string{key.public})
		if err != nil {
			t.Fatal(err)
		}
		content, err := keys.Open([]byte(test.text), func() ([]byte, error) {
			if test.signature == "" {
				return nil, errors.New("no such file")
			}
			return []byte(test.signature), nil
		})
		if err == nil {
			var line *cmdline.Line
			if line, err = cmdline.Parse(string(content)); err != nil {
				t.Fatal(err)
			}
			err = Of(line).Check(now, func() []string { return []string{"52:54:00:12:34:56", "farm-7"} })
		}
		if test.want == "" && (err != nil || string(content) != text) {
			t.Errorf("%s: got %q, %v", test.name, content, err)
		}
		if got := fmt.Sprint(err); test.want != "" && (!strings.Contains(got, test.want) || strings.Contains(got, "\n")) {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	expiring := Conditions{Expires: []string{"2100-01-01"}}
	if err := expiring.Check(time.Unix(0, 0), nil); err == nil || !strings.Contains(err.Error(), "the clock says 1970-01-01, so that nobody knows") {
		t.Errorf("without a clock: %v", err)
	}
}

// Without keys, everything counts, and a signature at the end is no part of it.
func TestOpenWithoutKeys(t *testing.T) {
	text := "echo hello\n"
	for _, in := range []string{text, text + newSigner(t).sign(t, Namespace, text)} {
		if got, err := Keys(nil).Open([]byte(in), nil); err != nil || string(got) != text {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestConditionsOfScripts(t *testing.T) {
	script := "#!/bin/sh\n# for the farm's it's 7: b2c.machine=farm-7 b2c.expires=2026-12-31\necho b2c.machine=x\n\t #b2c.machine=\"a,b\"\n"
	got := OfScript([]byte(script))
	if fmt.Sprint(got) != "{[2026-12-31] [farm-7 a,b]}" {
		t.Errorf("got %v", got)
	}
}

func TestParseKeys(t *testing.T) {
	one, two := newSigner(t), newSigner(t)
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte("# the farm's\n\n"+one.public+two.public), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "none")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		values []string
		n      int
		err    string
	}{
		{nil, 0, ""}, {[]string{one.public}, 1, ""}, {[]string{strings.Fields(one.public)[1]}, 1, ""}, {[]string{file, one.public}, 3, ""},
		{[]string{empty}, 0, "no key is in it"}, {[]string{"secret"}, 0, "expected a public key"}, {[]string{file + "2"}, 0, "no such file"},
	} {
		keys, err := ParseKeys(test.values)
		if len(keys) != test.n || test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%q: %d keys, %v", test.values, len(keys), err)
		}
	}
}

func TestWhereSignaturesAre(t *testing.T) {
	for where, want := range map[string]string{
		"https://h/a": "https://h/a.sig", "https://u:p@h/a%2Fb?token=x#y": "https://u:p@h/a%2Fb.sig?token=x#y", "s3://alias/bucket/k": "s3://alias/bucket/k.sig",
		"/etc/x": "/etc/x.sig", "base64:AAAA": "",
	} {
		if got, err := beside(where); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v", where, got, err)
		}
	}
}
