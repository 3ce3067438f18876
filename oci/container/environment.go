package container

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"bootrc/kit/command"
	"bootrc/kit/secret"
)

// Environment is what a container's first process finds in its environment,
// beside podman's own variables and those of the image.
type Environment struct {
	Set      []string // KEY=VALUE
	Caller   []string // KEY=VALUE, what Set and the image are preferred to
	Unset    []string // names that neither podman nor the image may set
	UnsetAll bool
}

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func writeEnvironment(d *draft) error {
	d.Process.Env = variables(d.image, d.options, d.user, d.hostname)
	return nil
}

// variables follows podman-run(1), "Environment": defaults, the caller's, the
// image's, files', options', of which a later one counts more.
func variables(image Image, o Options, user user, hostname string) []string {
	defaults := []string{defaultPath, "container=podman", "HOSTNAME=" + hostname, "HOME=" + user.home}
	if o.Terminal {
		defaults = append(defaults, "TERM=xterm")
	}
	var env []string
	for _, list := range [][]string{defaults, o.Environment.Caller, image.Config.Env} {
		for _, variable := range list {
			env = setVariable(env, variable)
		}
	}
	env = slices.DeleteFunc(env, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return o.Environment.UnsetAll || slices.Contains(o.Environment.Unset, name)
	})
	for _, variable := range o.Environment.Set {
		env = setVariable(env, variable)
	}
	return env
}

func setVariable(env []string, variable string) []string {
	name, _, _ := strings.Cut(variable, "=")
	for i, v := range env {
		if strings.HasPrefix(v, name+"=") {
			env[i] = variable
			return env
		}
	}
	return append(env, variable)
}

// proxyVariables are those that a container takes over from its caller.
var proxyVariables = []string{
	"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY",
}

var environment = slice{
	options: []command.Option{
		{Names: "-e, --env", Value: "VARIABLE", Kind: command.List, Check: checkVariable, Secret: secret.Assigned,
			Help: "set NAME=VALUE; NAME takes the caller's value, NAME* all of its variables that begin so"},
		{Names: "--env-file", Value: "FILE", Kind: command.List, Help: "set what the lines of FILE say, as --env takes it"},
		{Names: "--env-host", Help: "take over all variables of the caller"},
		{Names: "--http-proxy", Default: "true", Help: "take over the caller's proxies"},
		{Names: "--unsetenv", Value: "NAME", Kind: command.List, Help: "do without podman's or the image's variable NAME"},
		{Names: "--unsetenv-all", Help: "do without all of podman's and the image's variables"},
	},
	read: func(call *command.Call, v *Invocation) (err error) {
		v.Options.Environment, err = readEnvironment(call)
		return err
	},
	write: writeEnvironment,
}

func checkVariable(text string) error {
	if text == "" || text[0] == '=' {
		return errors.New("a variable needs a name")
	}
	return nil
}

func readEnvironment(call *command.Call) (Environment, error) {
	env := Environment{Unset: call.List("unsetenv"), UnsetAll: call.Flag("unsetenv-all")}
	if call.Flag("http-proxy") {
		env.Caller = lookUpVariables(proxyVariables, call.Env)
	}
	if call.Flag("env-host") {
		env.Caller = call.Env
	}
	for _, file := range call.List("env-file") {
		lines, err := readEnvironmentFile(call.Path(file))
		if err != nil {
			return Environment{}, call.Wrong("env-file", fmt.Errorf("%s: %w", file, err))
		}
		env.Set = append(env.Set, lookUpVariables(lines, call.Env)...)
	}
	env.Set = append(env.Set, lookUpVariables(call.List("env"), call.Env)...)
	return env, nil
}

// readEnvironmentFile reads lines of NAME=VALUE, in which nothing is quoted, or
// NAME; # begins a comment. Its errors do not quote the lines, which may hold
// secrets.
func readEnvironmentFile(file string) ([]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var variables []string
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimLeft(lines.Text(), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '=' {
			return nil, fmt.Errorf("line %d: a variable needs a name", number)
		}
		variables = append(variables, line)
	}
	return variables, lines.Err()
}

// lookUpVariables gives a NAME without a value that of the caller, and leaves it
// out where the caller has none; NAME* is every variable that begins so.
func lookUpVariables(given, caller []string) []string {
	var env []string
	for _, variable := range given {
		if strings.Contains(variable, "=") {
			env = append(env, variable)
			continue
		}
		prefix, all := strings.CutSuffix(variable, "*")
		for _, inherited := range caller {
			name, _, _ := strings.Cut(inherited, "=")
			if name == variable || all && strings.HasPrefix(name, prefix) {
				env = append(env, inherited)
			}
		}
	}
	return env
}
