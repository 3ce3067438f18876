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

// Each key in each form that podman, docker and others write.
func TestCredentialsForReference(t *testing.T) {
	auth := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	entries := map[string]string{
		"host.example":                 `"auth": "` + auth("host:1") + `"`,
		"host.example/team":            `"auth": "` + auth("team:2") + `"`,
		"host.example:5000":            `"auth": "` + auth("port:6") + `"`,
		"[fe80::1]:5000":               `"auth": "` + auth("six:6") + `"`,
		"https://index.docker.io/v1/":  `"auth": "` + auth("hub:3") + `"`,
		"docker.io/me":                 `"auth": "` + auth("me:3") + `"`,
		"http://plain.example/v2/":     `"auth": "` + auth("plain:4") + `"`,
		"https://slash.example/":       `"auth": "` + auth("slash:5") + `"`,
		"slash2.example/":              `"auth": "` + auth("slash2:5") + `"`,
		"https://v1.example:8443/v1":   `"auth": "` + auth("v1:7") + `"`,
		"https://path.example/team/v2": `"auth": "` + auth("path:8") + `"`,
		"both.example":                 `"auth": "` + auth("bare:9") + `"`,
		"https://both.example":         `"auth": "` + auth("scheme:9") + `"`,
		"words.example":                `"username": "words", "password": "10"`,
		"azure.example":                `"auth": "` + auth("00000000-0000-0000-0000-000000000000:") + `", "identitytoken": "it"`,
		"token.example":                `"registrytoken": "rt"`,
		"zero.example":                 `"auth": "` + auth("zero:11\x00\x00") + `"`,
		"broken.example":               `"auth": "!"`,
		"helper.example":               ``,
	}
	var list []string
	for name, entry := range entries {
		list = append(list, fmt.Sprintf("%q: {%s}", name, entry))
	}
	file := filepath.Join(t.TempDir(), "auth.json")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]string{
		"host.example/box": "host:1", "host.example/team/box": "team:2", "host.example/team2/box": "host:1",
		"host.example:5000/box": "port:6", "host.example:5001/box": "", "[fe80::1]:5000/box": "six:6",
		"alpine": "hub:3", "me/box": "me:3", "other.example/box": "", "helper.example/box": "",
		"plain.example/box": "plain:4", "slash.example/box": "slash:5", "slash2.example/box": "slash2:5", "v1.example:8443/box": "v1:7",
		"path.example/box": "", "path.example/team/v2/box": "path:8", "both.example/box": "bare:9", "words.example/box": "words:10",
		"azure.example/box": "00000000-0000-0000-0000-000000000000: it", "token.example/box": ": rt", "zero.example/box": "zero:11",
		"broken.example/box": "error",
	}
	for _, text := range []string{`{"auths": {` + strings.Join(list, ",") + `}, "credHelpers": {}, "credsStore": "x"}`, `{` + strings.Join(list, ",") + `}`} {
		write(text)
		for name, want := range tests {
			ref := parse(t, name)
			c, err := credentialsFor([]string{file + "2", file}, ref.Registry, ref.Repository)
			got := ""
			if c != nil {
				got = strings.TrimSpace(c.User + ":" + c.Password + " " + c.IdentityToken + c.RegistryToken)
			}
			if err != nil {
				got = "error"
			}
			if got != want {
				t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
			}
		}
	}
	write(`{"auths": "secret"`)
	_, err := credentialsFor([]string{file}, "host.example", "box")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	write(`{"currentContext": "x"}`)
	if c, err := credentialsFor([]string{file}, "host.example", "box"); c != nil || err != nil {
		t.Errorf("docker's settings alone: got %v, %v", c, err)
	}
}

// What a login keeps is found again, and what podman has written beside it stays.
func TestLogin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run/auth.json")
	for _, c := range []struct{ name, user, password string }{
		{"host.example", "u", "p:1"}, {"https://host.example/", "u", "p:2"}, {"docker.io", "d", ""}, {"host.example/team", "t", "3"},
	} {
		if err := Login(t.Context(), file, c.name, Credentials{User: c.user, Password: c.password}); err != nil {
			t.Fatal(err)
		}
		if c.name == "host.example" {
			if err := os.WriteFile(file, []byte(`{"auths": {"host.example": {"auth": "dTpvbGQ="}, "kept.example": {"auth": "azprZXB0", "x": 1}}, "credHelpers": {"a": "b"}}`), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, want := range map[string]string{"host.example/box": "u:p:2", "alpine": "d:", "host.example/team/box": "t:3", "kept.example/box": "k:kept"} {
		ref := parse(t, name)
		c, err := credentialsFor([]string{file}, ref.Registry, ref.Repository)
		if err != nil || c == nil || c.User+":"+c.Password != want {
			t.Errorf("%s: got %+v, %v, want %s", name, c, err, want)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), `"credHelpers"`) || !strings.Contains(string(text), `"x"`) {
		t.Errorf("got %s, %v", text, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
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
