package volume

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestCommand(t *testing.T) {
	s := &session{T: t, store: open(t, t.TempDir())}
	for _, tt := range []struct {
		args, out, errs string // out and errs as regular expressions
		status          int
	}{
		{args: "create --label a=1 --label b=2 --expiration pipeline_end one", out: "one\n"},
		{args: "create two", out: "two\n"},
		{args: "create two", errs: "volume: volume two: file exists\n", status: 1},
		{args: "create --ignore two", out: "two\n"},
		{args: "ls", out: `VOLUME NAME  SIZE +EXPIRATION    ENCRYPTED  LABELS
one          [0-9.]+ (bytes|kB) +pipeline_end  no         a=1,b=2
two          [0-9.]+ (bytes|kB) +never         no         
`},
		{args: "ls -q", out: "one\ntwo\n"},
		{args: "ls -q --filter label=a --filter label=b=2", out: "one\n"},
		{args: "ls -q --filter label=a=2", out: ""},
		{args: "ls --filter name=one", errs: "(?s)volume: --filter|-f: expected label=.*", status: 2},
		{args: "mount two", out: s.store.data("two") + "\n"},
		{args: "mount three", errs: "volume: volume three: no such volume\n", status: 1},
		{args: "create ../x", errs: `volume: "../x" is no volume's name: .*\n`, status: 1},
		{args: "create --expiration soon x", errs: `(?s)volume: expiration "soon": expected .*`, status: 2},
		{args: "create", errs: `(?s)volume: expected 1 operand, got 0\nusage: volume create .*`, status: 2},
		{args: "expire", out: `volume one has expired \(pipeline_end\) and is removed: [0-9.]+ (bytes|kB) freed\n`},
		{args: "rm", errs: `(?s)volume: expected names, or -a alone\nusage: volume rm -a\n       volume rm VOLUME…\n`, status: 2},
		{args: "rm one two", errs: "volume: volume one: no such volume\n", status: 1},
		{args: "ls -q", out: ""},
		{args: "rm -a", out: ""},
		{args: "shrink x", errs: `(?s)volume: expected create, ls, .* or parse, got "shrink"\n.*`, status: 2},
	} {
		status := s.run("", strings.Fields(tt.args)...)
		if int(status) != tt.status || !matches(tt.out, s.out.String()) || !matches(tt.errs, s.errs.String()) {
			t.Errorf("volume %s: status %d\n%s%s", tt.args, status, &s.out, &s.errs)
		}
	}
}

func matches(expression, text string) bool {
	return regexp.MustCompile("^" + expression + "$").MatchString(text)
}

func TestInspect(t *testing.T) {
	s := &session{T: t, store: open(t, t.TempDir())}
	s.run("", "create", "-l", "a=1", "v")
	if status := s.run("", "inspect", "v", "w"); status != 1 {
		t.Errorf("status %d with one that is missing", status)
	}
	var got []map[string]any
	if err := json.Unmarshal(s.out.Bytes(), &got); err != nil || len(got) != 1 {
		t.Fatalf("%v: %s", err, &s.out)
	}
	if got[0]["Name"] != "v" || got[0]["Mountpoint"] != s.store.data("v") || got[0]["Expiration"] != "never" {
		t.Errorf("got %v", got[0])
	}
}

func TestKeyFromStandardInput(t *testing.T) {
	s := &session{T: t, store: open(t, filepath.Join(disk(t), "volumes"))}
	const good, other = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", "/////wQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
	for _, tt := range []struct{ key, errs string }{
		{"c2hvcnQ=", "volume v: the key has 5 bytes, not 32 to 64\n"},
		{"not base64!", "volume v: the key is not base64\n"},
		{"", "volume v: the key has 0 bytes, not 32 to 64\n"},
		{good, ""},
		{good, ""},
		{other, "volume v: it is encrypted with another key (fscrypt_reset_key would delete all that is in it)\n"},
	} {
		status := s.run(tt.key, "create", "--ignore", "--fscrypt-key=-", "v")
		if got := strings.TrimPrefix(s.errs.String(), "volume: "); got != tt.errs || (status == 0) != (tt.errs == "") {
			t.Errorf("key %q: status %d, %q, want %q", tt.key, status, got, tt.errs)
		}
	}
	if status := s.run(other, "create", "--ignore", "--fscrypt-key=-", "--fscrypt-reset-key", "v"); status != 0 ||
		!strings.HasPrefix(s.errs.String(), "B2C_WARNING: volume v had another key, or none: all that was in it is deleted") {
		t.Errorf("reset: status %d: %s", status, &s.errs)
	}
}

// What parse prints gives a shell the very values.
func TestAssignments(t *testing.T) {
	s := &session{T: t, store: open(t, t.TempDir())}
	argument := `v,exclude=it's $HOME` + "\n" + `\x,exclude=*,remove,pull_from=a/b'c,pull_on=changes,shiny`
	if status := s.run("", "parse", argument); status != 0 {
		t.Fatalf("status %d: %s", status, &s.errs)
	}
	if want := "B2C_WARNING: b2c.volume=v: the parameter \"shiny\" is unknown, or needs a value\n"; s.errs.String() != want {
		t.Errorf("warnings %q, want %q", &s.errs, want)
	}
	script := s.out.String() + `eval "set -- $volume_mirror_options"; printf '<%s>' "$@" "$volume_pull_from" "$volume_pull_on"`
	out, err := exec.Command("sh", "-c", script).CombinedOutput()
	if want := "<--exclude><it's $HOME\n\\x><--exclude><*><--remove><a/b'c><changes>"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
	if s.run("", "parse", "-q", argument); s.errs.Len() > 0 {
		t.Errorf("quiet: %s", &s.errs)
	}
}
