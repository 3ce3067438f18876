package oci

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"bootrc/kit/command"
	"bootrc/oci/store"
)

// session runs commands on one store.
type session struct {
	t    testing.TB
	s    *store.Store
	env  []string
	dir  string
	out  bytes.Buffer
	errs bytes.Buffer
}

func (s *session) run(name string, args ...string) command.Status {
	s.t.Helper()
	s.out.Reset()
	s.errs.Reset()
	for _, c := range Commands(func() (*store.Store, error) { return s.s, nil }) {
		if c.Name == name {
			return c.Execute(s.t.Context(), &command.Call{Name: name, Args: args, Dir: s.dir, Env: s.env, Stdout: &s.out, Stderr: &s.errs})
		}
	}
	s.t.Fatalf("no command %s", name)
	return 0
}

func TestCommands(t *testing.T) {
	r := plainRegistry(t)
	image := buildImage(t, layerTar(t, entry{"a", "x"}))
	r.push(t, image, "box", "latest", "other")
	s := &session{t: t, s: openStore(t)}

	if status := s.run("pull", "--tls-verify=false", "--arch=amd64", r.host+"/box", r.host+"/box:other"); status != 0 {
		t.Fatalf("status %d: %s", status, &s.errs)
	}
	digest := hashOf(t, image.manifest).String() + "\n"
	if got := s.out.String(); got != digest+digest {
		t.Errorf("got %q", got)
	}
	lines := regexp.MustCompile(`^` + r.host + `/box:latest: fetched 1 of 1 layers, \d+ bytes in \d+\.\d s
` + r.host + `/box:other: fetched 0 of 1 layers, 0 bytes in \d+\.\d s
$`)
	if got := s.errs.String(); !lines.MatchString(got) {
		t.Errorf("got %q", got)
	}
	if s.run("pull", "-q", "--tls-verify=false", r.host+"/box"); s.out.String() != digest || s.errs.Len() > 0 {
		t.Errorf("quiet: got %q, %q", &s.out, &s.errs)
	}

	id := hashOf(t, image.config).Hex
	s.run("images")
	for _, want := range []string{"NAME  ", r.host + "/box:latest  " + id[:12] + "  linux/amd64  ", r.host + "/box:other   " + id[:12]} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("no %q in:\n%s", want, &s.out)
		}
	}
	if s.run("images", "-q"); s.out.String() != id+"\n" {
		t.Errorf("got %q", &s.out)
	}

	if status := s.run("rmi", r.host+"/box:other"); status != 0 {
		t.Errorf("status %d: %s", status, &s.errs)
	}
	if status := s.run("rmi", id[:12]); status != 0 {
		t.Errorf("status %d: %s", status, &s.errs)
	}
	checkEmpty(t, s.s)
}

func TestSpaceCommands(t *testing.T) {
	r := plainRegistry(t)
	for _, name := range []string{"old", "young"} {
		r.push(t, buildImage(t, layerTar(t, entry{name, noise(3 << 20)})), name, "latest")
	}
	s := &session{t: t, s: smallStore(t, 11)}
	s.run("pull", "-q", "--tls-verify=false", "--arch=amd64", r.host+"/old", r.host+"/young")
	for _, step := range []struct {
		call   string
		status command.Status
		out    string // expression
	}{
		{"images --check", 0, `^$`},
		{"prune --keep=1M", 0, `^$`},
		{"prune --keep=7M", 0, `^removed ` + r.host + `/old:latest, last used \d{4}-\d\d-\d\d \d\d:\d\d\n$`},
		{"images", 0, `^NAME .* LAST USED\n` + r.host + `/young:latest .* \d{4}-\d\d-\d\d \d\d:\d\d\n$`},
		{"prune --keep=99T", 1, `^removed ` + r.host + `/young:latest, `},
		{"images", 0, `^NAME .* LAST USED\n$`},
	} {
		words := strings.Split(step.call, " ")
		if status := s.run(words[0], words[1:]...); status != step.status || !regexp.MustCompile(step.out).MatchString(s.out.String()) {
			t.Errorf("%s: status %d, %q, %q", step.call, status, &s.out, &s.errs)
		}
	}
	s.run("pull", "-q", "--tls-verify=false", "--arch=amd64", r.host+"/old")
	if err := removeAll(s.s.Root() + "/layers/*"); err != nil {
		t.Fatal(err)
	}
	if status := s.run("images", "--check"); status != 1 || !strings.Contains(s.out.String(), `name "`+r.host+`/old:latest": `) {
		t.Errorf("status %d, %q, %q", status, &s.out, &s.errs)
	}
	if status := s.run("pull", "-q", "--tls-verify=false", "--policy=never", r.host+"/old"); status != 1 {
		t.Errorf("status %d, %q", status, &s.out)
	}
	if status := s.run("pull", "-q", "--tls-verify=false", "--policy=missing", "--arch=amd64", r.host+"/old"); status != 0 {
		t.Errorf("status %d, %q", status, &s.errs)
	}
	r.Close()
	status := s.run("pull", "-q", "--tls-verify=false", "--offline=allow", r.host+"/old")
	if status != 0 || !strings.HasPrefix(s.errs.String(), "pull: OFFLINE: pull "+r.host+"/old:latest: ") {
		t.Errorf("status %d, %q", status, &s.errs)
	}
}

func TestCommandsTakePathsFromTheCallersFolder(t *testing.T) {
	s := &session{t: t, s: openStore(t), dir: writeFolder(t, layoutFiles(t, "v1"))}
	if status := s.run("pull", "--arch=amd64", "oci:."); status != 0 {
		t.Fatalf("status %d: %s", status, &s.errs)
	}
	if status := s.run("rmi", "oci:."); status != 0 {
		t.Errorf("status %d: %s", status, &s.errs)
	}
	checkEmpty(t, s.s)
}

func TestCommandsRefuse(t *testing.T) {
	r := plainRegistry(t)
	tests := []struct {
		call   string
		status command.Status
		want   string
	}{
		{"pull", 2, "pull: expected 1 operand or more, got 0\nusage: pull ["},
		{"pull --nonsense x", 2, "pull: unknown option --nonsense\nusage: pull ["},
		{"pull BAD", 2, `pull: image "BAD": name "BAD" has capital letters`},
		{"pull --creds=secret x", 2, "pull: --creds: expected USER:PASSWORD\n"},
		{"pull --tls-verify=false " + r.host + "/box", 1, "pull: " + r.host + "/box:latest: registry " + r.host + ": not found ("},
		{"pull -q sha256:00", 1, "pull: sha256:00: no such image in the store\n"},
		{"pull --policy=sometimes x", 2, `pull: --policy: expected always, missing, newer or never, got "sometimes"`},
		{"pull --offline=yes x", 2, `pull: --offline: expected allow or deny, got "yes"`},
		{"prune", 2, "prune: expected --keep SIZE|PERCENT%\nusage: prune --keep SIZE|PERCENT%\n"},
		{"prune --keep=120%", 2, `prune: --keep: "120%" is more than all`},
		{"images x", 2, "images: expected no operand, got 1\nusage: images [-q] [--check]\n"},
		{"rmi", 2, "rmi: expected 1 operand or more, got 0\nusage: rmi IMAGE…\n"},
		{"rmi box", 1, "rmi: docker.io/library/box:latest: no such image in the store\n"},
		{"rmi deadbeef", 1, "rmi: docker.io/library/deadbeef:latest: no such image in the store\n"},
	}
	for _, test := range tests {
		s := &session{t: t, s: openStore(t)}
		words := strings.Split(test.call, " ")
		status := s.run(words[0], words[1:]...)
		if got := s.errs.String(); status != test.status || !strings.HasPrefix(got, test.want) || s.out.Len() > 0 {
			t.Errorf("%s: got %d, %q, %q\nwant %d, %q", test.call, status, &s.out, got, test.status, test.want)
		}
		if strings.Contains(s.errs.String(), "secret") {
			t.Errorf("%s: shows a secret: %s", test.call, &s.errs)
		}
	}
}

func TestCommandsWithoutStore(t *testing.T) {
	broken := errors.New("no storage")
	for _, c := range Commands(func() (*store.Store, error) { return nil, broken }) {
		call := &command.Call{Name: c.Name, Args: []string{"box"}}
		switch c.Name {
		case "images":
			call.Args = nil
		case "load":
			call.Args = []string{"oci:/x"}
		case "prune":
			call.Args = []string{"--keep=1G"}
		}
		if err := c.Do(t.Context(), call); !errors.Is(err, broken) {
			t.Errorf("%s: got %v", c.Name, err)
		}
	}
}
