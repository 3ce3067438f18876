package container

import (
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
	Caller   []string // KEY=VALUE, what Set alone is preferred to
	Merge    []string // NAME=VALUE, in which ${NAME} is what the image or podman has set
	Unset    []string // names that neither podman nor the image may set
	UnsetAll bool
}

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func writeEnvironment(d *draft) error {
	d.Process.Env = variables(d.image, d.options, d.user, d.hostname)
	return nil
}

// variables follows podman-run(1), "Environment": defaults, the image's, the caller's,
// files', options'; a later one counts more.
func variables(image Image, o Options, user user, hostname string) []string {
	name := "HOSTNAME=" + hostname
	defaults := []string{defaultPath, "container=podman", name, "HOME=" + user.home}
	if o.Terminal {
		defaults = append(defaults, "TERM=xterm")
	}
	env := mergeVariables(slices.Concat(defaults, image.Config.Env))
	env = mergeVariables(append(env, expandVariables(o.Environment.Merge, env)...))
	env = slices.DeleteFunc(env, func(variable string) bool {
		return o.Environment.UnsetAll || slices.Contains(o.Environment.Unset, nameOf(variable))
	})
	env = mergeVariables(slices.Concat(env, o.Environment.Caller, o.Environment.Set))
	if !slices.ContainsFunc(env, func(variable string) bool { return nameOf(variable) == nameOf(name) }) {
		env = append(env, name) // nobody does without it
	}
	return env
}

// expandVariables puts values of env in place of $NAME and ${NAME}.
func expandVariables(list, env []string) []string {
	var expanded []string
	for _, text := range list {
		expanded = append(expanded, os.Expand(text, func(name string) string {
			for _, variable := range env {
				if value, ok := strings.CutPrefix(variable, name+"="); ok {
					return value
				}
			}
			return ""
		}))
	}
	return expanded
}

// mergeVariables leaves the last value of each variable, in the place of the first.
func mergeVariables(all []string) []string {
	var env []string
	at := make(map[string]int)
	for _, variable := range all {
		name := nameOf(variable)
		if i, ok := at[name]; ok {
			env[i] = variable
			continue
		}
		at[name] = len(env)
		env = append(env, variable)
	}
	return env
}

func nameOf(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}

// proxyVariables are those that a container takes over from its caller.
var proxyVariables = []string{
	"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY",
}

// EnvironmentOption sets variables.
var EnvironmentOption = command.Option{Names: "-e, --env", Value: "VARIABLE", Kind: command.List, Check: checkVariable, Secret: secret.Assigned,
	Help: "set NAME=VALUE; NAME takes the caller's value, NAME* all of its variables that begin so"}

var environment = slice{
	options: []command.Option{
		EnvironmentOption,
		{Names: "--env-file", Value: "FILE", Kind: command.List, Help: "set what the lines of FILE say, as --env takes it"},
		{Names: "--env-merge", Value: "NAME=VALUE", Kind: command.List, Check: checkPair, Secret: secret.Assigned,
			Help: "set NAME=VALUE, in which ${NAME} is what the image has, unless --env or --env-file sets it"},
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
	env := Environment{Merge: call.List("env-merge"), Unset: call.List("unsetenv"), UnsetAll: call.Flag("unsetenv-all")}
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
// NAME; # begins a comment. Only a value over several lines stands in quotes. Its errors
// do not quote the lines, which may hold secrets.
func readEnvironmentFile(file string) ([]string, error) {
	data, err := readText(file)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	closing := make(map[string]int) // the last line that closes a quote
	for i, line := range lines {
		for _, quote := range []string{`"`, "'"} {
			if closes(line, quote) {
				closing[quote] = i
			}
		}
	}
	var variables []string
	for i := 0; i < len(lines); i++ {
		line := strings.TrimLeft(lines[i], " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '=' {
			return nil, fmt.Errorf("line %d: a variable needs a name", i+1)
		}
		name, value, _ := strings.Cut(line, "=")
		if quote := openQuote(value); quote != "" && i < closing[quote] {
			end := i + 1
			for !closes(lines[end], quote) {
				end++
			}
			value = strings.Join(append([]string{value}, lines[i+1:end+1]...), "\n")
			line = name + "=" + value[1:len(value)-1]
			i = end
		}
		variables = append(variables, line)
	}
	return variables, nil
}

// openQuote returns the quote with which a value over several lines begins: one that has no
// match in its line. Any other value is what podman takes it for, quotes and all.
func openQuote(value string) string {
	if value == "" || value[0] != '"' && value[0] != '\'' {
		return ""
	}
	quote := value[:1]
	if !isOdd(value, quote) || len(value) > 1 && strings.HasSuffix(value, quote) {
		return ""
	}
	return quote
}

// closes tells whether a value over several lines ends with this line: its last character
// is a quote without a match in the line.
func closes(line, quote string) bool { return strings.HasSuffix(line, quote) && isOdd(line, quote) }

func isOdd(line, quote string) bool { return strings.Count(line, quote)%2 == 1 }

// AddVariables adds to an environment what a call's EnvironmentOption says.
func AddVariables(env []string, call *command.Call) []string {
	return mergeVariables(slices.Concat(env, lookUpVariables(call.List("env"), call.Env)))
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
