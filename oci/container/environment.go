package container

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
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
	d.Process.Env = environment(d.image, d.options, d.user, d.hostname)
	return nil
}

// environment follows podman-run(1), "Environment": defaults, the caller's, the
// image's, files', options', of which a later one counts more.
func environment(image Image, o Options, user user, hostname string) []string {
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

// environmentFlags are the options for the environment. What they say can only
// be put together when all are known.
type environmentFlags struct {
	files, variables, unset   []string
	unsetAll, fromHost, proxy bool
}

func (e *environmentFlags) add(f *pflag.FlagSet) {
	f.StringArrayVarP(&e.variables, "env", "e", nil, "NAME=VALUE, NAME for the caller's value, or NAME* for all that begin so")
	f.StringArrayVar(&e.files, "env-file", nil, "a file of such lines")
	f.BoolVar(&e.fromHost, "env-host", false, "all variables of the caller")
	f.BoolVar(&e.proxy, "http-proxy", true, "the caller's proxies")
	f.StringArrayVar(&e.unset, "unsetenv", nil, "NAME: not from podman or the image")
	f.BoolVar(&e.unsetAll, "unsetenv-all", false, "nothing from podman or the image")
}

// environment reads the files, whose names are relative to a folder as path
// resolves it.
func (e *environmentFlags) environment(caller []string, path func(string) string) (Environment, error) {
	env := Environment{Unset: e.unset, UnsetAll: e.unsetAll}
	if e.proxy {
		env.Caller = lookUpVariables(proxyVariables, caller)
	}
	if e.fromHost {
		env.Caller = caller
	}
	for _, file := range e.files {
		lines, err := readEnvironmentFile(path(file))
		if err != nil {
			return Environment{}, fmt.Errorf("--env-file %s: %w", file, err)
		}
		env.Set = append(env.Set, lookUpVariables(lines, caller)...)
	}
	for _, variable := range e.variables {
		if variable == "" || variable[0] == '=' {
			return Environment{}, errors.New("--env: a variable needs a name")
		}
	}
	env.Set = append(env.Set, lookUpVariables(e.variables, caller)...)
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
