package container

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bootrc/oci/container/bundle"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

func TestArguments(t *testing.T) {
	image := Image{Name: "img", Config: v1.Config{Entrypoint: []string{"/entry", "-x"}, Cmd: []string{"cmd"}}}
	for _, tt := range []struct {
		image   Image
		options Options
		want    string
	}{
		{image, Options{}, "/entry -x cmd"},
		{image, Options{Command: []string{"other", "y"}}, "/entry -x other y"},
		{image, Options{Entrypoint: []string{"/mine"}}, "/mine"},
		{image, Options{Entrypoint: []string{"/mine"}, Command: []string{"a"}}, "/mine a"},
		{image, Options{Entrypoint: []string{}, Command: []string{"a"}}, "a"},
		{Image{Config: v1.Config{Cmd: []string{"cmd"}}}, Options{}, "cmd"},
		{Image{Config: v1.Config{Entrypoint: []string{""}, Cmd: []string{"cmd"}}}, Options{}, "cmd"},
		{image, Options{Entrypoint: []string{""}, Command: []string{"a"}}, "a"},
	} {
		got, err := arguments(tt.image, tt.options)
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("%+v: %q, %v; want %q", tt.options, got, err, tt.want)
		}
	}
	for _, o := range []Options{{}, {Entrypoint: []string{}}} {
		if args, err := arguments(Image{Name: "empty"}, o); err == nil {
			t.Errorf("an image without a command runs %q", args)
		}
	}
}

func TestEnvironment(t *testing.T) {
	image := Image{Config: v1.Config{Env: []string{"PATH=/image", "A=1", "B=2"}}}
	got := variables(image, Options{Environment: Environment{Set: []string{"B=3", "C=", "HOME=/mine"}}}, user{home: "/root"}, "box")
	want := []string{"PATH=/image", "container=podman", "HOSTNAME=box", "HOME=/mine", "A=1", "B=3", "C="}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWorkdir(t *testing.T) {
	for _, tt := range []struct{ image, option, want string }{
		{"", "", "/"}, {"/srv", "", "/srv"}, {"/srv", "/w", "/w"}, {"relative", "", "/relative"}, {"/a/../../b", "", "/b"},
	} {
		if got := chooseWorkdir(Image{Config: v1.Config{WorkingDir: tt.image}}, Options{Workdir: tt.option}); got != tt.want {
			t.Errorf("image's %q, option %q: %q, want %q", tt.image, tt.option, got, tt.want)
		}
	}
}

func TestLookUpUser(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nweb:x:33:44:web:/var/www:/bin/sh\nbroken line\n")
	write(t, filepath.Join(root, "etc/group"), "root:x:0:\nwww:x:44:\nextra:x:55:web\n")
	for _, tt := range []struct {
		spec string
		want user
		err  string
	}{
		{"", user{0, 0, nil, "/root"}, ""},
		{"web", user{33, 44, []uint32{55}, "/var/www"}, ""},
		{"33", user{33, 44, []uint32{55}, "/var/www"}, ""},
		{"web:extra", user{33, 55, nil, "/var/www"}, ""},
		{"1234:5678", user{1234, 5678, nil, "/srv"}, ""},
		{"nobody-here", user{}, `user "nobody-here": unable to find user nobody-here`},
		{"web:no-group", user{}, `user "web:no-group": unable to find group no-group`},
		{"-1", user{}, `user "-1"`},
	} {
		got, err := lookUpUser(root, tt.spec)
		if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.err)) {
			t.Errorf("%q: error %v, want %q", tt.spec, err, tt.err)
		}
		if len(got.groups) == 0 {
			got.groups = nil
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: %+v, want %+v", tt.spec, got, tt.want)
		}
	}
}

func lookUpUser(root, spec string) (user, error) {
	known, err := readAccounts(root)
	if err != nil {
		return user{}, err
	}
	return known.find(spec, nil, "/srv")
}

// An image's /etc/passwd that is a link must not make us read the machine's.
func TestLookUpUserStaysInside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "passwd")
	write(t, outside, "secret:x:1:1::/:\n")
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "etc/passwd")); err != nil {
		t.Fatal(err)
	}
	if u, err := lookUpUser(root, "secret"); err == nil {
		t.Errorf("found %+v outside of the image", u)
	}
}

func TestMachineMounts(t *testing.T) {
	for _, tt := range []struct {
		filesystems, folder, want string
	}{
		{"nodev\tsysfs\nnodev\tsecurityfs\n\text4\n", "/sys/kernel/security", "/sys/kernel/security"},
		{"nodev\tefivarfs\n", "/sys/firmware/efi/efivars", "/sys/firmware/efi/efivars"},
		{"nodev\tefivarfs\n", "", ""},                 // started by a BIOS
		{"\text4\n", "/sys/firmware/efi/efivars", ""}, // without the driver
	} {
		var got string
		for _, m := range machineMounts(tt.filesystems, func(folder string) bool { return folder == tt.folder }) {
			got += m.Destination
		}
		if got != tt.want {
			t.Errorf("%q, %s: got %q", tt.filesystems, tt.folder, got)
		}
	}
}

func TestWriteResolver(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "resolv.conf")
	write(t, outside, "untouched")
	layer := t.TempDir()
	write(t, filepath.Join(layer, "etc/hosts"), "the image's")
	if err := os.Symlink(outside, filepath.Join(layer, "etc/resolv.conf")); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.New(t.TempDir(), "box", []string{layer})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Remove()
	d := &draft{Spec: &specs.Spec{Mounts: []specs.Mount{{Destination: "/etc/hosts"}}}, bundle: b, hostname: "box"}
	if err := writeResolver(d); err != nil {
		t.Fatal(err)
	}
	machines, _ := os.ReadFile("/etc/resolv.conf")
	for name, want := range map[string]string{
		outside:                         "untouched",
		b.Root() + "/etc/resolv.conf":   string(machines),
		b.Root() + "/etc/hosts":         "the image's",
		b.Root() + "/etc/hostname":      "box\n",
		b.Root() + "/run/.containerenv": "",
	} {
		got, err := os.ReadFile(name)
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestCapabilities(t *testing.T) {
	ordinary := capabilitySets(Options{}, 0)
	if slices.Contains(ordinary.Effective, "CAP_SYS_ADMIN") || !slices.Contains(ordinary.Effective, "CAP_CHOWN") {
		t.Errorf("an ordinary container has %q", ordinary.Effective)
	}
	privileged := capabilitySets(Options{Privileged: true}, 0)
	if !slices.Contains(privileged.Effective, "CAP_SYS_ADMIN") || !slices.Contains(privileged.Bounding, "CAP_SYS_MODULE") {
		t.Errorf("a privileged container has %q", privileged.Effective)
	}
	if user := capabilitySets(Options{Privileged: true}, 1000); len(user.Effective) > 0 || len(user.Bounding) == 0 {
		t.Errorf("another user than root has %q effective, %q bounding", user.Effective, user.Bounding)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSystemd(t *testing.T) {
	for _, tt := range []struct {
		mode SystemdMode
		args string
		want bool
	}{
		{"", "/sbin/init", true}, {"true", "/usr/lib/systemd/systemd --log", true}, {"", "/usr/sbin/init", true},
		{"", "/bin/sh -c systemd", true}, {"", "/bin/init", false}, {"", "sh", false},
		{"false", "/sbin/init", false}, {"always", "sh", true},
	} {
		if got := tt.mode.runs(strings.Fields(tt.args)); got != tt.want {
			t.Errorf("%s %q: %v", tt.mode, tt.args, got)
		}
	}
}

func TestStop(t *testing.T) {
	long := 3 * time.Second
	init, sh := []string{"/sbin/init"}, []string{"sh"}
	image := func(signal string) Image { return Image{Config: v1.Config{StopSignal: signal}} }
	for _, tt := range []struct {
		name    string
		args    []string
		image   Image
		options Options
		want    stop
	}{
		{"usual", sh, image(""), Options{}, stop{signal: unix.SIGTERM, grace: stopTimeout}},
		{"image's", sh, image("SIGQUIT"), Options{}, stop{signal: unix.SIGQUIT, grace: stopTimeout}},
		{"image's is nonsense", sh, image("NO"), Options{}, stop{signal: unix.SIGTERM, grace: stopTimeout}},
		{"own", init, image("SIGQUIT"), Options{StopSignal: unix.SIGHUP, StopTimeout: &long}, stop{signal: unix.SIGHUP, grace: long}},
		{"systemd's", init, image(""), Options{Timeout: long}, stop{signal: 37, grace: stopTimeout, timeout: long}},
		{"the image's before systemd's", init, image("INT"), Options{}, stop{signal: unix.SIGINT, grace: stopTimeout}},
	} {
		if got := newStop(tt.args, tt.image, tt.options, unix.SIGTERM); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestResolvConf(t *testing.T) {
	const machines = "# comment\nsearch lan\nnameserver 10.0.0.1\noptions edns0\n"
	for _, tt := range []struct {
		resolver Resolver
		want     string
	}{
		{Resolver{}, machines},
		{Resolver{Servers: []string{"1.1.1.1", "::1"}}, "nameserver 1.1.1.1\nnameserver ::1\n# comment\nsearch lan\noptions edns0\n"},
		{Resolver{Search: []string{"a", "b"}, Options: []string{"ndots:2"}}, "search a b\noptions ndots:2\n# comment\nnameserver 10.0.0.1\n"},
		{Resolver{Search: []string{"."}}, "# comment\nnameserver 10.0.0.1\noptions edns0\n"},
	} {
		if got := tt.resolver.resolvConf(machines); got != tt.want {
			t.Errorf("%+v:\n%swant\n%s", tt.resolver, got, tt.want)
		}
	}
}

func TestAddMounts(t *testing.T) {
	own := func(destination string, options ...string) specs.Mount {
		return specs.Mount{Destination: destination, Type: "bind", Source: "/own", Options: options}
	}
	for _, tt := range []struct {
		wanted      []specs.Mount
		want        string
		propagation string
	}{
		{nil, "/proc /dev /sys /dev/pts /dev/mqueue /dev/shm /sys/fs/cgroup", ""},
		{[]specs.Mount{own("/dev/shm")}, "/proc /dev /sys /dev/pts /dev/mqueue /dev/shm=/own /sys/fs/cgroup", ""},
		{[]specs.Mount{own("/dev")}, "/proc /sys /dev=/own /sys/fs/cgroup", ""},
		{[]specs.Mount{own("/a/b", "rshared"), own("/a", "slave")},
			"/proc /dev /sys /a=/own /dev/pts /dev/mqueue /dev/shm /a/b=/own /sys/fs/cgroup", "rshared"},
		{[]specs.Mount{own("/a", "rslave")}, "/proc /dev /sys /a=/own /dev/pts /dev/mqueue /dev/shm /sys/fs/cgroup", "rslave"},
	} {
		spec := &specs.Spec{Mounts: newMounts(Options{}), Linux: &specs.Linux{}}
		addMounts(spec, tt.wanted)
		var got []string
		for _, m := range spec.Mounts {
			name := m.Destination
			if m.Source == "/own" {
				name += "=/own"
			}
			got = append(got, name)
		}
		if strings.Join(got, " ") != tt.want || spec.Linux.RootfsPropagation != tt.propagation {
			t.Errorf("%v:\ngot  %q, propagation %q\nwant %q, %q", tt.wanted, got, spec.Linux.RootfsPropagation, tt.want, tt.propagation)
		}
	}
}
