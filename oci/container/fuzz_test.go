package container

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"bootrc/kit/inside"
	"bootrc/test/bound"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

// FuzzUsers takes any bytes for an image's files of users and groups.
func FuzzUsers(f *testing.F) {
	f.Add("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:\n", "root:x:0:\nwheel:x:10:nobody,root\n", "nobody:wheel")
	f.Add("a:::::::::\n-1:x:-1:4294967296::", ":::\n", "-1:-1")
	root := f.TempDir()
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, passwd, group, user string) {
		for name, text := range map[string]string{"etc/passwd": passwd, "etc/group": group} {
			if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		bound.Input(t, len(passwd)+len(group)+len(user))
		known, err := readAccounts(root)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := known.find(user, []string{user}, "/home"); err == nil {
			known.complete(user, found, "/home", Entries{})
		}
	})
}

// FuzzVariables takes any bytes for a file of variables.
func FuzzVariables(f *testing.F) {
	f.Add("# one\nA=1\n B='two\nlines'\nC\nD=\"\n\"\n")
	f.Add("=\n")
	file := filepath.Join(f.TempDir(), "env")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		bound.Input(t, len(text))
		lines, err := readEnvironmentFile(file)
		for _, variable := range lookUpVariables(lines, []string{"HOME=/root"}) {
			if err == nil && nameOf(variable) == "" {
				t.Errorf("%q has no name", variable)
			}
		}
	})
}

// FuzzConfig takes any bytes for an image's configuration.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(`{"config":{"User":"0:0","Env":["A=1","A","=","A=2"],"Entrypoint":["sh"],"WorkingDir":"/a/../b","StopSignal":"SIGRTMIN+3",` +
		`"Volumes":{"/v":{}},"Healthcheck":{"Test":["CMD","true"],"Interval":-1,"Retries":-1}},"rootfs":{"type":"layers","diff_ids":[]}}`))
	root, err := inside.Open(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { root.Close() })
	f.Fuzz(func(t *testing.T, data []byte) {
		bound.Input(t, len(data))
		file, err := v1.ParseConfigFile(bytes.NewReader(data))
		if err != nil {
			return
		}
		image := Image{Config: file.Config}
		seen := make(map[string]bool)
		for _, variable := range variables(image, Options{}, user{home: "/"}, "box") {
			if name := nameOf(variable); seen[name] {
				t.Errorf("%q twice", name)
			} else {
				seen[name] = true
			}
		}
		newStop([]string{"sh"}, image, Options{}, unix.SIGTERM)
		Health{}.Complete(file.Config.Healthcheck)
		chooseWorkdir(image, Options{})
	})
}
