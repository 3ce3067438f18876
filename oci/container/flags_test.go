package container

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	entrypoint := func(s string) *string { return &s }
	caller := []string{"A=from caller", "EMPTY="}
	for _, tt := range []struct {
		args string // separated by |
		want invocation
	}{
		{"alpine", invocation{image: "alpine", pull: "missing", tlsVerify: true, options: Options{Network: "host"}}},
		{"alpine|sh|-c|echo -e x", invocation{image: "alpine", pull: "missing", tlsVerify: true,
			options: Options{Network: "host", Command: []string{"sh", "-c", "echo -e x"}}}},
		{"--privileged|--network=none|--pull=always|--tls-verify=false|--rm|img", invocation{image: "img", pull: "always",
			options: Options{Network: "none", Privileged: true}}},
		{"-e|A|-e|B=2|-e|EMPTY|-e|MISSING|-eC=x=y|img", invocation{image: "img", pull: "missing", tlsVerify: true,
			options: Options{Network: "host", Env: []string{"A=from caller", "B=2", "EMPTY=", "C=x=y"}}}},
		{"--entrypoint=|-w|/w|-u|1:2|-h|box|--name|n|--creds|u:p|img", invocation{image: "img", pull: "missing", tlsVerify: true, creds: "u:p",
			options: Options{Network: "host", Entrypoint: entrypoint(""), Workdir: "/w", User: "1:2", Hostname: "box", Name: "n"}}},
		{"-v|/tmp:/data|-v|/tmp:/ro:ro,Z|img", invocation{image: "img", pull: "missing", tlsVerify: true,
			options: Options{Network: "host", Volumes: []Bind{{"/tmp", "/data", nil}, {"/tmp", "/ro", []string{"ro"}}}}}},
	} {
		got, err := parse(strings.Split(tt.args, "|"), caller)
		if err != nil {
			t.Errorf("%s: %v", tt.args, err)
			continue
		}
		if len(got.options.Command) == 0 {
			got.options.Command = nil
		}
		if !reflect.DeepEqual(*got, tt.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", tt.args, *got, tt.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"":                           "no image given",
		"--privileged":               "no image given",
		"--no-such-option|img":       "unknown flag: --no-such-option",
		"-Q|img":                     "unknown shorthand flag: 'Q' in -Q",
		"--privileged=perhaps|img":   `invalid argument "perhaps" for "--privileged" flag`,
		"-v|relative:/x|img":         "-v relative:/x: both paths must be absolute",
		"-v|/tmp|img":                "-v /tmp: expected SOURCE:DESTINATION[:OPTIONS]",
		"-v|/no/such/folder:/x|img":  "-v /no/such/folder:/x: stat /no/such/folder: no such file or directory",
		"-v|/tmp:/x:ro,sideways|img": `-v /tmp:/x:ro,sideways: unknown option "sideways"`,
	} {
		_, err := parse(strings.Split(args, "|"), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", args, err, want)
		}
	}
}
