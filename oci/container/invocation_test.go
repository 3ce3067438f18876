package container

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/kit/command"
	"bootrc/kit/size"
	"bootrc/oci"
	"bootrc/oci/registry"

	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// parse reads the arguments of a call.
func parse(args ...string) (v *Invocation, err error) {
	c := Declare(command.Command{Name: "runc-run", Run: func(_ context.Context, call *command.Call) (err error) {
		v, err = Read(call)
		return err
	}})
	err = c.Do(context.Background(), &command.Call{
		Name: "runc-run", Args: args, Dir: "/tmp", Stderr: io.Discard,
		Env: []string{"A=from caller", "EMPTY=", "B2C_A=1", "B2C_B=2", "http_proxy=http://proxy"},
	})
	return v, err
}

// parseWords parses what stands in front of an image's name, separated by |.
func parseWords(words string) (*Invocation, error) {
	return parse(strings.Split(words+"|img", "|")...)
}

func TestParse(t *testing.T) {
	number := func(n int64) *int64 { return &n }
	for _, tt := range []struct {
		words string
		got   func(v *Invocation) any
		want  any
	}{
		{"-ti", func(v *Invocation) any { return []bool{v.Options.Terminal, v.Options.Interactive} }, []bool{true, true}},
		{"-t=false|-i", func(v *Invocation) any { return []bool{v.Options.Terminal, v.Options.Interactive} }, []bool{false, true}},
		{"--privileged", func(v *Invocation) any { return v.Options.Privileged }, true},
		{"--network=host|--net=none", func(v *Invocation) any { return v.Options.Network }, nsNone},
		{"--pid=host", func(v *Invocation) any { return v.Options.PID }, nsHost},
		{"--ipc=none", func(v *Invocation) any { return v.Options.IPC }, nsNone},
		{"--uts=host|--cgroupns=host|--userns=host", func(v *Invocation) any { return []Namespace{v.Options.UTS, v.Options.CgroupNS} }, []Namespace{nsHost, nsHost}},
		{"-hbox|--name|n", func(v *Invocation) any { return []string{v.Options.Hostname, v.Options.Name} }, []string{"box", "n"}},
		{"--entrypoint=", func(v *Invocation) any { return v.Options.Entrypoint }, []string{}},
		{"--entrypoint=a b", func(v *Invocation) any { return v.Options.Entrypoint }, []string{"a b"}},
		{`--entrypoint=["a","b c"]`, func(v *Invocation) any { return v.Options.Entrypoint }, []string{"a", "b c"}},
		{`--entrypoint=["a"`, func(v *Invocation) any { return v.Options.Entrypoint }, []string{`["a"`}},
		{"-u|1:2|-w|/w|--group-add=3,four|--group-add=5", func(v *Invocation) any {
			return append([]string{v.Options.User, v.Options.Workdir}, v.Options.Groups...)
		}, []string{"1:2", "/w", "3", "four", "5"}},
		{"-e|A|-e|B=2|-e|EMPTY|-e|MISSING|-eC=x=y|-e|L=one\ntwo", func(v *Invocation) any { return v.Options.Environment.Set },
			[]string{"A=from caller", "B=2", "EMPTY=", "C=x=y", "L=one\ntwo"}},
		{"-e|B2C_*", func(v *Invocation) any { return v.Options.Environment.Set }, []string{"B2C_A=1", "B2C_B=2"}},
		{"-t", func(v *Invocation) any { return v.Options.Environment.Caller }, []string{"http_proxy=http://proxy"}},
		{"--http-proxy=false", func(v *Invocation) any { return v.Options.Environment.Caller }, []string(nil)},
		{"--env-host", func(v *Invocation) any { return len(v.Options.Environment.Caller) }, 5},
		{"--tls-verify=false|--pull=always|--creds|u:p|--authfile=a|--platform=linux/arm/v7", func(v *Invocation) any {
			o := v.origin
			return []any{v.policy, o.Architecture, o.Variant, o.Registry.TLSVerify, o.Registry.Credentials, o.Registry.AuthFiles}
		}, []any{oci.Always, "arm", "v7", false, &registry.Credentials{User: "u", Password: "p"}, []string{"/tmp/a"}}},
		{"--ulimit=nofile=10:20|--ulimit=core=-1|--ulimit=host", func(v *Invocation) any { return v.Options.Limits },
			Limits{Host: true, Given: []configs.Rlimit{{Type: unix.RLIMIT_NOFILE, Soft: 10, Hard: 20},
				{Type: unix.RLIMIT_CORE, Soft: unix.RLIM_INFINITY, Hard: unix.RLIM_INFINITY}}}},
		{"--shm-size=1g", func(v *Invocation) any { return v.Options.ShmSize }, "1073741824"},
		{"--cap-add=sys_admin,CAP_NET_RAW|--cap-drop=all", func(v *Invocation) any {
			return [][]string{v.Options.AddCapabilities, v.Options.DropCapabilities}
		}, [][]string{{"CAP_SYS_ADMIN", "CAP_NET_RAW"}, {"ALL"}}},
		{"--security-opt=seccomp=unconfined|--security-opt=no-new-privileges|--security-opt=label=disable|--security-opt=apparmor=unconfined|--security-opt=mask=/a:/b|--security-opt|unmask=ALL",
			func(v *Invocation) any { return v.Options.Security },
			Security{Seccomp: unconfined, NoNewPrivileges: true, Masked: []string{"/a", "/b"}, Unmasked: []string{"ALL"}}},
		{"--device=/dev/null|--device=/dev/null:/dev/x:r|--device=/dev/null:rw", func(v *Invocation) any { return v.Options.Devices },
			[]Device{{"/dev/null", "/dev/null", "rwm"}, {"/dev/null", "/dev/x", "r"}, {"/dev/null", "/dev/null", "rw"}}},
		{"--device-cgroup-rule=c 1:* rw|--device-cgroup-rule=a *:* m", func(v *Invocation) any { return v.Options.DeviceRules },
			[]specs.LinuxDeviceCgroup{{Allow: true, Type: "c", Major: number(1), Access: "rw"}, {Allow: true, Type: "a", Access: "m"}}},
		{"--dns=none", func(v *Invocation) any { return v.Options.Resolver.Servers }, []string{"none"}},
		{"--dns=1.1.1.1,::1|--dns-search=a|--dns-opt=ndots:2|--add-host=a;b:::1", func(v *Invocation) any { return v.Options.Resolver },
			Resolver{Servers: []string{"1.1.1.1", "::1"}, Search: []string{"a"}, Options: []string{"ndots:2"}, Hosts: []string{"::1\ta b"}}},
		{"-m|10m", func(v *Invocation) any {
			return []int64{*v.Options.Resources.Memory.Limit, *v.Options.Resources.Memory.Swap}
		},
			[]int64{10 << 20, 20 << 20}},
		{"--cpus=0.5", func(v *Invocation) any { return *v.Options.Resources.CPU.Quota }, int64(50_000)},
		{"--pids-limit=7", func(v *Invocation) any { return *v.Options.Resources.Pids.Limit }, int64(7)},
		{"--sysctl=a=1|--sysctl=b=2", func(v *Invocation) any { return v.Options.Sysctl }, map[string]string{"a": "1", "b": "2"}},
		{"--read-only", func(v *Invocation) any { return []bool{v.Options.ReadOnly, v.Options.ReadOnlyTmpfs} }, []bool{true, true}},
		{"--stop-signal=HUP", func(v *Invocation) any { return v.Options.StopSignal }, unix.SIGHUP},
		{"--stop-timeout=0", func(v *Invocation) any { return *v.Options.StopTimeout }, time.Duration(0)},
		{"--timeout=3", func(v *Invocation) any { return v.Options.Timeout }, 3 * time.Second},
		{"--restart=on-failure:3", func(v *Invocation) any { return v.Restart }, RestartPolicy{onFailure: true, most: 3}},
		{"--restart=always|-d", func(v *Invocation) any { return []any{v.Restart, v.Detach} }, []any{RestartPolicy{always: true}, true}},
		{"--health-cmd=a b|--health-interval=1m|--health-retries=2|--health-start-period=5s|--health-timeout=6s", func(v *Invocation) any { return v.Options.Health },
			Health{[]string{"CMD-SHELL", "a b"}, time.Minute, 6 * time.Second, 5 * time.Second, 2, ""}},
		{`--health-cmd=["a","b"]`, func(v *Invocation) any { return v.Options.Health.Test }, []string{"CMD", "a", "b"}},
		{`--health-cmd=["CMD-SHELL","b"]`, func(v *Invocation) any { return v.Options.Health.Test }, []string{"CMD-SHELL", "b"}},
		{`--no-healthcheck`, func(v *Invocation) any { return v.Options.Health.Test }, []string{"NONE"}},
		{"-l|a=b|--label=c|--annotation=k=v|--rm|--log-driver=passthrough", func(v *Invocation) any { return v.Options.Annotations }, map[string]string{"k": "v"}},
		{"--systemd=always", func(v *Invocation) any { return v.Options.Systemd }, systemdAlways},
		{"--umask=027|--oom-score-adj=-5", func(v *Invocation) any { return []int{int(*v.Options.Umask), *v.Options.OOMScoreAdj} }, []int{0o27, -5}},
		{"--offline=", func(v *Invocation) any { return v.origin.Offline }, false},
		{"--offline=allow", func(v *Invocation) any { return v.origin.Offline }, true},
	} {
		v, err := parseWords(tt.words)
		if err != nil {
			t.Errorf("%s: %v", tt.words, err)
			continue
		}
		if got := tt.got(v); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\ngot  %#v\nwant %#v", tt.words, got, tt.want)
		}
	}
}

func TestParseCommand(t *testing.T) {
	v, err := parse("-t", "img", "sh", "-i", "echo -e x")
	if err != nil || v.Image != "img" || strings.Join(v.Options.Command, "|") != "sh|-i|echo -e x" || v.Options.Interactive {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestHelp(t *testing.T) {
	var said bytes.Buffer
	call := &command.Call{Name: "runc-run", Args: []string{"--help"}, Stdout: &said, Stderr: &said}
	all := Commands(Runtime{}, nil, nil)
	i := slices.IndexFunc(all, func(c command.Command) bool { return c.Name == call.Name })
	if status := all[i].Execute(context.Background(), call); status != 0 {
		t.Errorf("status %d", status)
	}
	for _, text := range []string{"usage: runc-run [OPTION…] IMAGE [COMMAND…]\n", "--security-opt", "-t, --tty"} {
		if !strings.Contains(said.String(), text) {
			t.Errorf("no %q in %s", text, &said)
		}
	}
}

func TestParseMounts(t *testing.T) {
	for words, want := range map[string]Mount{
		"-v|/tmp:/data":                     {Type: mountBind, Source: "/tmp", Destination: "/data"},
		"-v|.:/data/":                       {Type: mountBind, Source: "/tmp", Destination: "/data"},
		"-v|/tmp:/data:ro,Z,rshared,noexec": {Type: mountBind, Source: "/tmp", Destination: "/data", Options: []string{"ro", "rshared", "noexec"}},
		"-v|job:/results:U,nocopy":          {Type: mountVolume, Source: "job", Destination: "/results", Chown: true, NoCopy: true},
		"-v|/data":                          {Type: mountVolume, Destination: "/data"},
		"--tmpfs=/t:size=1m,mode=700,exec":  {Type: mountTmpfs, Destination: "/t", Options: []string{"size=1m", "mode=700", "exec"}},
		"--tmpfs=/t":                        {Type: mountTmpfs, Destination: "/t"},
		"--mount=type=bind,src=/tmp,target=/x,ro,bind-propagation=rslave":                      {Type: mountBind, Source: "/tmp", Destination: "/x", Options: []string{"ro", "rslave"}},
		"--mount=type=bind,source=/tmp,dst=/x,readonly=false,relabel=shared,bind-nonrecursive": {Type: mountBind, Source: "/tmp", Destination: "/x", Options: []string{"rw", "bind"}},
		"--mount=type=bind,dst=/tmp":                                 {Type: mountBind, Source: "/tmp", Destination: "/tmp"},
		"--mount=type=volume,src=job,dest=/x,U=true,subpath=/a/../b": {Type: mountVolume, Source: "job", Destination: "/x", Chown: true, Subpath: "/b"},
		"--mount=destination=/x":                                     {Type: mountVolume, Destination: "/x"},
		"--mount=type=tmpfs,dst=/x,tmpfs-size=1m,tmpfs-mode=700,notmpcopyup,noexec": {Type: mountTmpfs, Destination: "/x", NoCopy: true,
			Options: []string{"size=1m", "mode=700", "noexec"}},
		"--mount=type=devpts,dst=/x,gid=5,mode=620": {Type: mountDevpts, Destination: "/x", Options: []string{"gid=5", "mode=620"}},
	} {
		v, err := parseWords(words)
		if err != nil {
			t.Errorf("%s: %v", words, err)
		} else if !reflect.DeepEqual(v.Options.Mounts, []Mount{want}) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", words, v.Options.Mounts, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for words, want := range map[string]string{
		"--no-such-option":                     "unknown option --no-such-option",
		"-Q":                                   "unknown option -Q",
		"--privileged=perhaps":                 `--privileged: expected true or false, got "perhaps"`,
		"--name=a b":                           `--name: "a b": names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*`,
		"-v|relative:":                         `-v: relative:: the destination "" must be an absolute path`,
		"-v|/no/such/folder:/x":                "-v: /no/such/folder:/x: stat /no/such/folder: no such file or directory",
		"-v|/tmp:/x:ro,sideways":               `-v: /tmp:/x:ro,sideways: unknown option "sideways"`,
		"-v|/tmp:/":                            "-v: /tmp:/: the destination must not be the root folder",
		"-v|/tmp:/a:ro:z":                      "-v: /tmp:/a:ro:z: expected [SOURCE:]DESTINATION[:OPTIONS]",
		"-v|a/b:/x":                            `-v: a/b:/x: "a/b" is no volume's name, and no path`,
		"-v|/tmp:/x|--tmpfs=/x":                "--tmpfs: /x: /x: duplicate mount destination",
		"--tmpfs=x":                            `--tmpfs: x: the destination "x" must be an absolute path`,
		"--tmpfs=/x:frob":                      `--tmpfs: /x:frob: unknown mount option "frob"`,
		"--mount=type=bogus,dst=/x":            `--mount: type=bogus,dst=/x: invalid filesystem type "bogus"`,
		"--mount=type=tmpfs":                   "--mount: type=tmpfs: must set volume destination",
		"--mount=type=bind,src=/tmp,dst=/x,no": `--mount: type=bind,src=/tmp,dst=/x,no: no: unknown option "no"`,
		"--mount=type=tmpfs,src=/tmp,dst=/x":   "--mount: type=tmpfs,src=/tmp,dst=/x: src=/tmp: invalid mount option",
		"--mount=type=bind,src=/a,src=/b":      "--mount: type=bind,src=/a,src=/b: src=/b: cannot be given more than once",
		"--mount=dst=/x,ro=maybe":              `--mount: dst=/x,ro=maybe: ro=maybe: "maybe" is neither true nor false`,
		"--device=/dev/no-such":                "--device: /dev/no-such: lstat /dev/no-such: no such file or directory",
		"--device=/etc":                        "--device: /etc: no devices found in /etc",
		"--device=/dev/null:/dev/x:q":          "--device: /dev/null:/dev/x:q: invalid device mode: q",
		"--device-cgroup-rule=x 1:5 r":         "--device-cgroup-rule: x 1:5 r: expected TYPE MAJOR:MINOR MODE, such as c 1:3 rwm",
		"--ulimit=bogus=1":                     `--ulimit: bogus=1: "bogus" is no limit`,
		"--ulimit=nofile=2:1":                  "--ulimit: nofile=2:1: the soft limit is above the hard one",
		"--ulimit=nofile":                      "--ulimit: nofile: expected NAME=SOFT[:HARD]",
		"--shm-size=abc":                       `--shm-size: "abc" is not a size: give bytes, or a number with K, M or G`,
		"--memory=-1":                          `--memory: "-1" is not a size: give bytes, or a number with K, M or G`,
		"--memory=2m|--memory-swap=1m":         "--memory-swap must not be less than --memory",
		"--cpus=many":                          `--cpus: expected a number of processors from 0.01 on, got "many"`,
		"--cap-add=bogus":                      `--cap-add: "CAP_BOGUS": unknown capability`,
		"--cap-add=chown|--cap-drop=chown":     `capability "CAP_CHOWN" cannot be dropped and added`,
		"--security-opt=frob":                  "--security-opt: frob: expected KEY=VALUE or no-new-privileges",
		"--security-opt=frob=1":                "--security-opt: frob=1: unknown security option",
		"--security-opt=seccomp=/no/such":      "--security-opt: stat /no/such: no such file or directory",
		"--security-opt=apparmor=mine":         "--security-opt: apparmor=mine: AppArmor is not enabled on this system",
		"--dns=bogus":                          `--dns: expected an IP address or none, got "bogus"`,
		"--dns=none|--dns=1.1.1.1":             "--dns=none leaves no place for other servers",
		"--add-host=foo":                       "--add-host: foo: expected NAME[;NAME]…:ADDRESS",
		"--uts=host|--hostname=x":              "--hostname cannot be set with --uts=host",
		"--stop-signal=bogus":                  "--stop-signal: invalid signal: bogus",
		"--stop-timeout=x":                     `--stop-timeout: "x" is not a time: give seconds, such as 0.5, or a number with m, h or d`,
		"--restart=sometimes":                  "--restart: sometimes: expected no, on-failure[:TIMES] or always",
		"--restart=always:3":                   "--restart: always:3: only on-failure takes a number",
		"--health-interval=soon":               `--health-interval: expected a time such as 1m30s, got "soon"`,
		"--network=bridge":                     "--network: bridge: containers share the machine's network: give host, none, container:NAME or ns:PATH",
		"--network=slirp4netns:x=y":            "--network: slirp4netns:x=y: containers share the machine's network: give host, none, container:NAME or ns:PATH",
		"--pid=container:":                     `--pid: expected private, host, container:NAME or ns:PATH, got "container:"`,
		"--uts=container:x|--hostname=y":       "--hostname cannot be set with --uts=container:x",
		"--userns=nomap":                       "--userns: nomap: expected host, auto, keep-id, container:NAME or ns:/proc/PID/ns/user",
		"--userns=ns:/run/users":               "--userns: ns:/run/users: only a process tells who a namespace's users are: expected ns:/proc/PID/ns/user",
		"--userns=auto:size=0":                 "--userns: auto:size=0: size=0: it is zero",
		"--userns=auto|--uidmap=0:1:1":         "--userns and --uidmap or --gidmap exclude each other",
		"--uidmap=0:x:1":                       "--uidmap: 0:x:1: expected CONTAINER:HOST[:NUMBER], in numbers",
		"--ip=10.0.0.1":                        "--ip is not supported: containers share the machine's network, and its addresses: b2c.iface= gives more",
		"--pod=x":                              "--pod is not supported: there are no pods: services stand beside a container, b2c.run_service=",
		"--cpus=1|--cpu-quota=1":               "--cpus sets what --cpu-quota and --cpu-period set",
		"--cpu-period=1":                       `--cpu-period: expected microseconds from 1000 to 1000000, got "1"`,
		"--blkio-weight=5":                     `--blkio-weight: expected a weight from 10 to 1000, got "5"`,
		"--device-read-bps=x:1":                "--device-read-bps: x:1: expected /dev/NAME:VALUE",
		"--device-read-bps=/dev/null:1":        "--device-read-bps: /dev/null:1: /dev/null is not a block device",
		"--tz=../x":                            `--tz: expected a time zone such as Europe/Berlin, got "../x"`,
		"--secret=a,type=x":                    "--secret: a,type=x: type=x: expected mount or env",
		"--volumes-from=a:rw,x":                `--volumes-from: a:rw,x: unknown option "x": expected ro, rw or z`,
		"--env-merge=A":                        `--env-merge: expected NAME=VALUE, got "A"`,
		"--mount=type=artifact,src=a,dst=/x":   "--mount: type=artifact,src=a,dst=/x: type=artifact is not supported: artifacts are not pulled",
		"--mount=type=image,dst=/x":            "--mount: type=image,dst=/x: must set source",
		"--hosts-file=/no/such":                "--hosts-file: stat /no/such: no such file or directory",
		"--annotation=x":                       `--annotation: expected NAME=VALUE, got "x"`,
		"--platform=windows/amd64":             "--platform: expected linux/ARCHITECTURE[/VARIANT]",
		"--systemd=maybe":                      `--systemd: expected true or false or always, got "maybe"`,
		"--env-file=/no/such":                  "--env-file: /no/such: open /no/such: no such file or directory",
		"-e|=x":                                "-e: a variable needs a name",
	} {
		if _, err := parseWords(words); err == nil || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", words, err, want)
		}
	}
	for _, args := range [][]string{nil, {"--privileged"}, {""}} {
		if _, err := parse(args...); err == nil || err.Error() != "no image given" {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestEnvironmentFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "job.env")
	write(t, file, "A=1\n# a comment\n  B=x y \nC=\"q\"\nEMPTY\nMISSING\n\nD=a#b\r\n")
	v, err := parseWords("-e|A=2|--env-file=" + file)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"A=1", "B=x y ", `C="q"`, "EMPTY=", "D=a#b", "A=2"}
	if got := v.Options.Environment.Set; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := os.WriteFile(file, []byte("A=1\n=x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := parseWords("--env-file=" + file); err == nil || !strings.Contains(err.Error(), "line 2: a variable needs a name") {
		t.Errorf("a line without a name: %v", err)
	}
}

// Values over several lines are unquoted; all others are as podman has them.
func TestEnvironmentFileQuotes(t *testing.T) {
	for text, want := range map[string][]string{
		"A=\"one\ntwo\"\nB=3":                  {"A=one\ntwo", "B=3"},
		"A='one\n\n# two\n B=\"3\"'\r\nC=4":    {"A=one\n\n# two\n B=\"3\"", "C=4"},
		"A=\"\none\n\"":                        {"A=\none\n"},
		"A=\"{\n  \"a\": \"b\"\n}\"":           {"A={\n  \"a\": \"b\"\n}"},
		"A=\"it's\nhers\"":                     {"A=it's\nhers"},
		"A=\"one\"\nB='two'\nC=\"\"":           {"A=\"one\"", "B='two'", "C=\"\""},
		"A=\"one\nB=\"two\"\nC=it's\nD='":      {"A=\"one", "B=\"two\"", "C=it's", "D='"},
		"A=\"one\" # why\nB=\"two\" # because": {"A=\"one\" # why", "B=\"two\" # because"},
		"A=x\"one\ntwo\"":                      {"A=x\"one"},
		"A='one\ntwo\"":                        {"A='one"},
	} {
		file := filepath.Join(t.TempDir(), "job.env")
		write(t, file, text)
		v, err := parseWords("--env-file=" + file)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Options.Environment.Set; !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestParseSignal(t *testing.T) {
	for text, want := range map[string]unix.Signal{
		"TERM": 15, "SIGTERM": 15, "sigint": 2, "9": 9, "RTMIN": 34, "SIGRTMIN+3": 37, "RTMAX-1": 63, "RTMAX": 64,
		"0": 0, "65": 0, "FROB": 0, "RTMIN-1": 0, "RTMIN+31": 0, "": 0,
	} {
		if got, err := ParseSignal(text); got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "10": 10, "10b": 10, "1k": 1 << 10, "2M": 2 << 20, "1.5g": 3 << 29, "1TiB": 1 << 40, "64mb": 64 << 20} {
		if got, err := size.ParseMemory(text); got != want || err != nil {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "m", "-1", "1x", "1mm", "NaN", "inf", "1e30"} {
		if n, err := size.ParseMemory(text); err == nil {
			t.Errorf("%q: %d", text, n)
		}
	}
}
