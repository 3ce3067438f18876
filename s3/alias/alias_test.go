package alias

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEnvironment(t *testing.T) {
	for value, want := range map[string]Alias{
		"https://key:secret@play.min.io":        {URL: "https://play.min.io", AccessKey: "key", SecretKey: "secret"},
		"http://key:secret@127.0.0.1:9000/":     {URL: "http://127.0.0.1:9000", AccessKey: "key", SecretKey: "secret"},
		"https://key:s/e+c@r?e=t@[::1]:9000":    {URL: "https://[::1]:9000", AccessKey: "key", SecretKey: "s/e+c@r?e=t"},
		"https://key:secret:token@play.min.io":  {URL: "https://play.min.io", AccessKey: "key", SecretKey: "secret", SessionToken: "token"},
		"https://key:secret:to:ken@play.min.io": {URL: "https://play.min.io", AccessKey: "key", SecretKey: "secret", SessionToken: "to:ken"},
		"https://key:%73ecret@play.min.io":      {URL: "https://play.min.io", AccessKey: "key", SecretKey: "%73ecret"},
		"http://k:s@h:1?dialect=b2&region=eu&path=on": {
			URL: "http://h:1", AccessKey: "k", SecretKey: "s", Dialect: "b2", Region: "eu", Path: "on"},
		"https://play.min.io": {URL: "https://play.min.io", Anonymous: true},
	} {
		set := Set{Environ: []string{"MC_HOST_a=http://old:value@host", "MC_HOST_ab=x", "MC_HOST_a=" + value}, File: File(t.TempDir() + "/none")}
		got, ok, err := set.Lookup("a")
		if err != nil || !ok || got != want {
			t.Errorf("%s: %+v, %v, %v\nwant %+v", value, got, ok, err, want)
		}
	}
}

// Whatever is wrong with an alias, its keys do not get into the log.
func TestErrorsKeepSecrets(t *testing.T) {
	for _, value := range []string{
		"hunter2", "https://hunter2@host", "https://:hunter2@host", "https://hunter2:@host", "key:hunter2@host",
		"ftp://key:hunter2@host", "https://key:hunter2@", "https://key:hunter2@host/path", "https://key:hunter2@host:port",
		"https://key:hunter2@ho st", "https://key:hunter2@host?q=hunter2", "https://key:hunter2@host?path=hunter2", "https://key:hunter2@host?%zz=hunter2", "https://key:hunter2@%zz", "https://key:hunter2@host\x00",
	} {
		set := Set{Environ: []string{"MC_HOST_a=" + value}, File: File(t.TempDir() + "/none")}
		_, _, err := set.Lookup("a")
		checkSecret(t, value, err)
	}
	for _, url := range []string{"", "host", "https://key:hunter2@host", "https://host/path", "https://", "file:///etc", "https://ho st"} {
		_, err := New(url, "key", "hunter2")
		checkSecret(t, url, err)
	}
	_, err := New("https://host", "hunter2", "")
	checkSecret(t, "half a pair", err)
}

func checkSecret(t *testing.T, what string, err error) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("%q: no error", what)
	case strings.Contains(err.Error(), "hunter2"):
		t.Errorf("%q: the error tells the secret: %v", what, err)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"minio": true, "a-b_9": true, "9": true,
		"": false, "-a": false, "a/b": false, "a.b": false, "a b": false, "é": false, "a=b": false, "..": false,
	} {
		if got := CheckName(name) == nil; got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestFile(t *testing.T) {
	file := File(filepath.Join(t.TempDir(), "folder", "s3.json"))
	one := Alias{URL: "https://one", AccessKey: "a", SecretKey: "b"}
	two := Alias{URL: "http://two:9000", Region: "eu-west-1", Path: "on"}
	for name, a := range map[string]Alias{"one": {URL: "https://old"}, "two": two} {
		if err := file.Set(name, a); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Set("one", one); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(string(file)); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v: others can read the keys", info.Mode(), err)
	}
	set := Set{Environ: []string{"MC_HOST_three=https://k:s@three", "MC_HOST_one=https://k:s@other"}, File: file}
	all, err := set.All()
	if err != nil || len(all) != 3 || all["one"].URL != "https://other" || all["two"] != two || all["three"].URL != "https://three" {
		t.Errorf("%+v, %v: the environment's go before the file's", all, err)
	}
	if err := file.Remove("one"); err != nil {
		t.Fatal(err)
	}
	if err := file.Remove("one"); err == nil {
		t.Error("removed twice")
	}
	if err := file.Set("no/name", one); err == nil {
		t.Error("a name with a slash could never be looked up")
	}
}

func TestDamagedFile(t *testing.T) {
	file := File(filepath.Join(t.TempDir(), "s3.json"))
	if err := os.WriteFile(string(file), []byte(`{"aliases": "hunter2`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := file.Read()
	checkSecret(t, "damaged file", err)
	if err := file.Set("a", Alias{}); err == nil {
		t.Error("what cannot be read was replaced")
	}
}
