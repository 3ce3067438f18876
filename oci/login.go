package oci

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/durable"
	"bootrc/kit/obtain"
	"bootrc/oci/registry"
	"bootrc/oci/registry/config"
	"bootrc/oci/signature"
)

// RegistryCommands returns the shell's commands for what is known of registries.
func RegistryCommands() []command.Command {
	return []command.Command{
		{
			Name: "login", Summary: "keep the password for a registry, or for a part of one, where podman keeps it", Operands: "REGISTRY",
			Options: []command.Option{
				{Names: "-u, --username", Value: "USER", Required: true, Help: "the user"},
				{Names: "-p, --password", Value: "PASSWORD", Help: "the password; without it, it is read from standard input", Secret: command.Whole},
				{Names: "--authfile", Value: "FILE", Help: "keep it in FILE (default: $REGISTRY_AUTH_FILE, or /run/containers/UID/auth.json)"},
			},
			Examples: []string{"login -u farm --password=secret registry.example/team"},
			Run:      login,
		},
		{
			Name: "mirror", Summary: "ask other registries first for images whose names begin with PREFIX", Operands: "PREFIX,URL[,insecure]…",
			Text:     "The mirrors of a prefix are tried in this order, then its own registry. Those of earlier calls\nare forgotten. They stand in /etc/containers/registries.conf.d/zz-bootrc.conf.",
			Examples: []string{"mirror docker.io,https://gateway/docker quay.io,http://gateway:5000"},
			Run:      mirror,
		},
		{
			Name: "verify", Summary: "from now on, run only images that one of the rules allows", Operands: "RULE…",
			Forms: []string{"PREFIX,key=WHERE[,sha256=HEX][,key=…][,pinned][,named][,forward]…", "PREFIX,unsigned…"},
			Text: "A rule is for the images whose names begin with PREFIX, unless a longer one is: registry.example,\n" +
				"registry.example/team, oci:/images; * is for all. WHERE is a URL, a path, or base64:DATA.\n" +
				"docs/security.md explains the rest. Rules of earlier calls are forgotten.",
			Examples: []string{"verify registry.example/team,key=/etc/team.pub docker.io/library,unsigned"},
			Run:      verify,
		},
	}
}

// maxPassword bounds what is read of standard input, in bytes.
const maxPassword = 64 << 10

func login(ctx context.Context, call *command.Call) error {
	password := call.Text("password")
	if !call.Has("password") {
		text, err := io.ReadAll(io.LimitReader(call.Stdin, maxPassword))
		if err != nil {
			return err
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	file := loginFile(call)
	if given := authFiles(call); len(given) == 1 {
		file = given[0]
	}
	return registry.Login(ctx, file, call.Args[0], registry.Credentials{User: call.Text("username"), Password: password})
}

// mirrorsFile has the mirrors of the command of that name.
const mirrorsFile = "/etc/containers/registries.conf.d/zz-bootrc.conf"

func mirror(_ context.Context, call *command.Call) error {
	text, err := config.Mirrors(call.Args)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(mirrorsFile), 0o755); err != nil {
		return err
	}
	return durable.WriteFile(mirrorsFile, []byte(text), 0o644)
}

func verify(ctx context.Context, call *command.Call) error {
	var rules signature.Rules
	for _, text := range call.Args {
		rule, err := signature.ParseRule(text, func(where string) ([]byte, error) {
			r, err := obtain.Parse(where)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.Name(), err)
			}
			if strings.HasPrefix(r.Where, "http://") && r.Sum == "" {
				return nil, fmt.Errorf("%s: over http, anybody can give another one: use https, or add ,sha256=HEX", r.Name())
			}
			return r.Get(ctx, call)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", rule.Prefix, err)
		}
		rules = append(rules, rule)
	}
	return rules.Save(signature.File)
}

// LoginSecrets returns what must not be shown of b2c.login's value.
func LoginSecrets(value string) []string {
	_, rest, _ := strings.Cut(value, ",")
	user, password, ok := strings.Cut(rest, ",")
	if !ok {
		return []string{user} // where something was left out, it may be the password
	}
	return []string{password}
}
