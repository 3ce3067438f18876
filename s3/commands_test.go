package s3

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootrc/s3/alias"
)

func TestLocate(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "folder", "below"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := &resolver{
		aliases: alias.Set{Environ: []string{"MC_HOST_store=https://k:s@host"}, File: alias.File(dir + "/none")},
		dir:     dir,
		getenv:  func(string) string { return "" },
	}
	for text, want := range map[string]string{
		"/abs/none":          "folder /abs/none",
		"./none/new":         "folder " + dir + "/none/new",
		"../up":              "folder " + filepath.Dir(dir) + "/up",
		"new":                "folder " + dir + "/new",
		"folder/below":       "folder " + dir + "/folder/below",
		"store":              "store / ",
		"store/bucket":       "store bucket/ ",
		"store/bucket/a//b/": "store bucket/ a//b/",
		"s3://bucket/a b":    "store bucket/ a b",
		"stroe/bucket":       `error there is no alias "stroe"`,
		"store/x":            "error bucket",
		"store/bu cket/a":    "error bucket",
	} {
		l, err := r.locate(text)
		got := "folder " + l.folder
		switch {
		case err != nil:
			got = "error " + err.Error()
		case !l.isFolder():
			got = "store " + l.bucket + "/ " + l.key
		}
		if got != want && !(strings.HasPrefix(want, "error") && strings.HasPrefix(got, "error") && strings.Contains(got, want[6:])) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestSplitKey(t *testing.T) {
	const key = "MzJieXRlc2xvbmdzZWNyZXRrZXltdXN0YmVnaXZlbjE="
	for word, want := range map[string][2]string{
		key:                             {"", key},
		"store/bucket=" + key:           {"store/bucket", key},
		"store/=" + key:                 {"store/", key},
		"store/bu=cket/=" + key:         {"store/bu=cket/", key},
		"a/b=32byteslongsecretkeymustb": {"a/b", "32byteslongsecretkeymustb"},
	} {
		prefix, got := splitKey(word)
		if prefix != want[0] || got != want[1] {
			t.Errorf("%s: %q, %q, want %q", word, prefix, got, want)
		}
	}
}

func TestParseAge(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"7d10h30m": 7*24*time.Hour + 10*time.Hour + 30*time.Minute, "1d": 24 * time.Hour, "90s": 90 * time.Second,
		"": -1, "d": -1, "7": -1, "-1h": -1, "1d-1h": -1, "99999999d": -1, "tomorrow": -1,
	} {
		got, err := parseAge(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
}
