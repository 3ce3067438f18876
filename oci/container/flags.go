package container

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/spf13/pflag"
)

// invocation is a parsed command line of runc-run.
type invocation struct {
	image     string
	options   Options
	pull      string // policy
	offline   string
	tlsVerify bool
	creds     string
}

// parse reads the arguments [OPTIONS] IMAGE [COMMAND…], as podman-run(1) has
// them; caller is the environment of who calls, as KEY=VALUE. An option that is
// not in its set is an error.
func parse(args []string, caller []string) (*invocation, error) {
	var v invocation
	o := &v.options
	f := pflag.NewFlagSet("runc-run", pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.SortFlags = false
	f.StringVar(&o.Name, "name", "", "the container's name")
	f.StringVarP(&o.Hostname, "hostname", "h", "", "host name within the container")
	f.BoolVar(&o.Privileged, "privileged", false, "all capabilities and devices, nothing hidden")
	f.StringVar(&o.Network, "network", "host", "host or none")
	entrypoint := f.String("entrypoint", "", "replaces the image's entrypoint and command")
	env := f.StringArrayP("env", "e", nil, "NAME=VALUE, or NAME for the caller's value")
	f.StringVarP(&o.User, "user", "u", "", "USER[:GROUP]")
	f.StringVarP(&o.Workdir, "workdir", "w", "", "working directory")
	volumes := f.StringArrayP("volume", "v", nil, "SOURCE:DESTINATION[:OPTIONS]")
	f.StringVar(&v.pull, "pull", "missing", "always, missing, newer or never")
	f.StringVar(&v.offline, "offline", "", "allow: go on with the image in the store where the registry cannot be reached")
	f.BoolVar(&v.tlsVerify, "tls-verify", true, "require https with a known certificate")
	f.StringVar(&v.creds, "creds", "", "USER[:PASSWORD] for the registry")
	f.Bool("rm", true, "always so: the container is removed at its end")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() == 0 || f.Arg(0) == "" {
		return nil, errors.New("no image given")
	}
	if f.Changed("entrypoint") {
		o.Entrypoint = entrypoint
	}
	v.image, o.Command = f.Arg(0), f.Args()[1:]
	o.Env = lookUpVariables(*env, caller)
	for _, volume := range *volumes {
		bind, err := parseBind(volume)
		if err != nil {
			return nil, err
		}
		o.Volumes = append(o.Volumes, bind)
	}
	return &v, nil
}

// lookUpVariables gives a NAME without a value that of the caller, and leaves it
// out where the caller has none.
func lookUpVariables(given, caller []string) []string {
	var env []string
	for _, variable := range given {
		if strings.Contains(variable, "=") {
			env = append(env, variable)
			continue
		}
		for _, inherited := range caller {
			if strings.HasPrefix(inherited, variable+"=") {
				env = append(env, inherited)
			}
		}
	}
	return env
}

func parseBind(volume string) (Bind, error) {
	parts := strings.Split(volume, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return Bind{}, fmt.Errorf("-v %s: expected SOURCE:DESTINATION[:OPTIONS]", volume)
	}
	b := Bind{Source: parts[0], Destination: parts[1]}
	if !path.IsAbs(b.Source) || !path.IsAbs(b.Destination) {
		return Bind{}, fmt.Errorf("-v %s: both paths must be absolute", volume)
	}
	if _, err := os.Stat(b.Source); err != nil {
		return Bind{}, fmt.Errorf("-v %s: %w", volume, err)
	}
	if len(parts) == 3 {
		for _, option := range strings.Split(parts[2], ",") {
			switch option {
			case "ro", "rw", "nosuid", "nodev", "noexec", "exec", "dev", "suid",
				"rbind", "bind", "private", "rprivate", "shared", "rshared", "slave", "rslave":
				b.Options = append(b.Options, option)
			case "z", "Z": // labels of SELinux, which is not here
			default:
				return Bind{}, fmt.Errorf("-v %s: unknown option %q", volume, option)
			}
		}
	}
	return b, nil
}
