package container

import (
	"errors"
	"fmt"
	"strings"

	"bootrc/kit/command"

	"github.com/spf13/pflag"
)

// Invocation is a parsed command line of runc-run.
type Invocation struct {
	Image   string // its reference
	Options Options
	Detach  bool
	Restart RestartPolicy

	origin origin
}

// origin says how the image is found.
type origin struct {
	policy, offline       string // of pulling it
	tlsVerify             bool
	creds, authFile       string
	architecture, variant string
}

// Parse reads the arguments [OPTIONS] IMAGE [COMMAND…], as podman-run(1) has
// them. An option that is not in its set is an error; after --help, it is
// pflag.ErrHelp, and all has been said.
func Parse(call *command.Call) (*Invocation, error) {
	var v Invocation
	var env environmentFlags
	f := pflag.NewFlagSet(call.Name, pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.SortFlags = false
	f.Usage = func() { call.Printf("usage: %s [OPTIONS] IMAGE [COMMAND…]\n%s", call.Name, f.FlagUsages()) }
	f.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		switch name {
		case "net":
			name = "network"
		case "dns-opt":
			name = "dns-option"
		}
		return pflag.NormalizedName(name)
	})
	v.addFlags(f, &env, call.Path)
	if err := f.Parse(call.Args); err != nil {
		return nil, FlagError(err)
	}
	if f.NArg() == 0 || f.Arg(0) == "" {
		return nil, errors.New("no image given")
	}
	v.Image, v.Options.Command = f.Arg(0), f.Args()[1:]
	var err error
	if v.Options.Environment, err = env.environment(call.Env, call.Path); err != nil {
		return nil, err
	}
	return &v, v.check()
}

func (v *Invocation) addFlags(f *pflag.FlagSet, env *environmentFlags, path func(string) string) {
	o := &v.Options
	v.addIdentityFlags(f)
	v.origin.addFlags(f, path)
	addProcessFlags(f, o)
	env.add(f)
	addLimitFlags(f, &o.Limits)
	f.BoolVar(&o.Privileged, "privileged", false, "all capabilities and devices, nothing hidden")
	addCapabilityFlags(f, o)
	addSecurityFlags(f, &o.Security, path)
	addNamespaceFlags(f, o)
	addMountFlags(f, &o.Mounts, path)
	addImageVolumeFlag(f, &o.ImageVolumes)
	f.BoolVar(&o.ReadOnly, "read-only", false, "nothing of the image can be changed")
	f.BoolVar(&o.ReadOnlyTmpfs, "read-only-tmpfs", true, "but /run, /tmp and /var/tmp are in memory")
	f.Func("shm-size", "SIZE of /dev/shm", func(text string) error {
		n, err := parseSize(text)
		o.ShmSize = fmt.Sprint(n)
		return err
	})
	addDeviceFlags(f, o)
	addResolverFlags(f, &o.Resolver)
	addResourceFlags(f, &o.Resources)
	f.StringToStringVar(&o.Sysctl, "sysctl", nil, "NAME=VALUE")
	addSystemdFlag(f, &o.Systemd)
	addStopFlags(f, o)
	o.Health.addFlags(f)
}

func (v *Invocation) addIdentityFlags(f *pflag.FlagSet) {
	o := &v.Options
	f.Func("name", "the container's NAME", func(text string) error {
		o.Name = text
		return CheckName(text)
	})
	f.StringVarP(&o.Hostname, "hostname", "h", "", "host NAME within the container")
	f.StringArrayP("label", "l", nil, "KEY[=VALUE]: accepted, of use to nobody here")
	f.Func("annotation", "KEY=VALUE", func(text string) error {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("annotations must be formatted KEY=VALUE")
		}
		if o.Annotations == nil {
			o.Annotations = make(map[string]string)
		}
		o.Annotations[key] = value
		return nil
	})
	f.BoolVarP(&v.Detach, "detach", "d", false, "go on in the background, as a service")
	f.Func("restart", "no, on-failure[:TIMES] or always", v.Restart.set)
	f.Bool("rm", true, "always so: the container is removed at its end")
	f.Func("log-driver", "none, or passthrough for the console", func(text string) error {
		if text != "none" && text != "passthrough" {
			return errors.New("not supported: none or passthrough")
		}
		return nil
	})
}

// CheckName takes what containers and volumes may be named in podman.
func CheckName(name string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	if strings.Trim(name, letters+"_.-") != "" || strings.IndexAny(name, letters) != 0 {
		return errors.New("names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*")
	}
	return nil
}

func (o *origin) addFlags(f *pflag.FlagSet, path func(string) string) {
	f.StringVar(&o.policy, "pull", "missing", "always, missing, newer or never")
	f.StringVar(&o.offline, "offline", "", "allow: go on with the image in the store where the registry cannot be reached")
	f.BoolVar(&o.tlsVerify, "tls-verify", true, "require https with a known certificate")
	f.StringVar(&o.creds, "creds", "", "USER[:PASSWORD] for the registry")
	f.Func("authfile", "FILE with such", func(text string) error {
		o.authFile = path(text)
		return nil
	})
	f.StringVar(&o.architecture, "arch", "", "ARCHITECTURE of the image")
	f.StringVar(&o.variant, "variant", "", "VARIANT of it")
	f.Func("platform", "OS/ARCHITECTURE[/VARIANT]", func(text string) error {
		parts := strings.Split(text, "/")
		if len(parts) < 2 || len(parts) > 3 || parts[0] != "linux" {
			return errors.New("expected linux/ARCHITECTURE[/VARIANT]")
		}
		o.architecture, o.variant = parts[1], strings.Join(parts[2:], "")
		return nil
	})
}

func (v *Invocation) check() error {
	o := &v.Options
	if o.UTS == nsHost && o.Hostname != "" {
		return errors.New("--hostname cannot be set with --uts=host")
	}
	if o.ShmSize != "" && o.IPC == nsHost {
		return errors.New("--shm-size conflicts with --ipc=host")
	}
	if len(o.Resolver.Hosts) > 0 && o.Resolver.NoHosts {
		return errors.New("--no-hosts and --add-host exclude each other")
	}
	return errors.Join(checkCapabilities(*o), completeResources(&o.Resources), o.Health.check())
}

// FlagError words pflag's errors in one way, and tells podman's options from
// those that nobody knows.
func FlagError(err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownOption(unknown)
	case errors.As(err, &invalid):
		return fmt.Errorf("--%s %s: %w", invalid.GetFlag().Name, invalid.GetValue(), invalid.Unwrap())
	}
	return err
}
