package registry

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootrc/oci/reference"
)

func parse(t *testing.T, text string) reference.Reference {
	t.Helper()
	ref, err := reference.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestCredentialsForReference(t *testing.T) {
	auth := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	file := filepath.Join(t.TempDir(), "auth.json")
	text := fmt.Sprintf(`{"auths": {"host.example": {"auth": %q}, "host.example/team": {"auth": %q}, "https://index.docker.io/v1/": {"auth": %q},
		"broken.example": {"auth": "!"}, "helper.example": {}}, "credHelpers": {}}`, auth("host:1"), auth("team:2"), auth("hub:3"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"host.example/box": "host:1", "host.example/team/box": "team:2", "host.example/team2/box": "host:1",
		"alpine": "hub:3", "other.example/box": "", "helper.example/box": "",
	} {
		c, err := Options{AuthFile: file}.credentialsFor(parse(t, ref))
		got := ""
		if c != nil {
			got = c.User + ":" + c.Password
		}
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", ref, got, err, want)
		}
	}
	if _, err := (Options{AuthFile: file}).credentialsFor(parse(t, "broken.example/box")); err == nil {
		t.Error("no error for a broken entry")
	}
	if c, err := (Options{AuthFile: file + "2"}).credentialsFor(parse(t, "host.example/box")); c != nil || err != nil {
		t.Errorf("no file: got %v, %v", c, err)
	}
	if err := os.WriteFile(file, []byte(`{"auths": "secret"`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Options{AuthFile: file}.credentialsFor(parse(t, "host.example/box"))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestCredentialsHideThePassword(t *testing.T) {
	c, err := ParseCredentials("user:pass:word")
	if err != nil || c.User != "user" || c.Password != "pass:word" {
		t.Fatalf("got %v, %v", c, err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(format, *c); strings.Contains(s, "word") {
			t.Errorf("%s: %s", format, s)
		}
	}
	for _, s := range []string{"", "secret", ":secret"} {
		if _, err := ParseCredentials(s); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v", s, err)
		}
	}
}
