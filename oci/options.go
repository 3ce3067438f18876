package oci

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"bootrc/kit/command"
	"bootrc/oci/archive"
	"bootrc/oci/manifest"
	"bootrc/oci/registry"
	"bootrc/oci/registry/config"
	"bootrc/oci/signature"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Options are how an image is pulled.
type Options struct {
	// Architecture and Variant are what to pick from an index, in Go's terms
	// ("amd64", "arm64"); this machine's where they are empty.
	Architecture, Variant string

	// Registry is how a registry is asked.
	Registry registry.Options

	// Open opens references that are URLs; nil: none is.
	Open archive.Opener

	// TakeNames gives an image the names that its archive has for it, too.
	TakeNames bool

	// Rules is the file of the rules that say which images may run: signature.Load.
	Rules string

	// Offline lets Get go on with the store's image where the registry cannot be
	// reached: by the network, or because it answers 500 and above.
	Offline bool

	// Quiet keeps GetFor from showing progress.
	Quiet bool

	// Progress is called, where it is set, now and then while bytes arrive, and
	// once when the image is there; never by two goroutines at once.
	Progress func(Progress)

	// Warn is called, where it is set, with what did not keep the image from being
	// pulled, but may matter; never by two goroutines at once.
	Warn func(message string)
}

func (o Options) warn(message string) {
	if o.Warn != nil {
		o.Warn(message)
	}
}

// platform returns the platform that the options ask for: this machine's, where
// they name none.
func (o Options) platform() v1.Platform {
	p := v1.Platform{OS: "linux", Architecture: o.Architecture, Variant: o.Variant}
	if p.Architecture == "" {
		p.Architecture = runtime.GOARCH
	}
	return manifest.Normal(p)
}

// CallOptions are the command-line options that ReadOptions reads, as podman-pull(1)
// has them.
var CallOptions = []command.Option{
	{Names: "--tls-verify", Default: "true", Help: "ask the registry over https alone, and for a certificate that is trusted"},
	{Names: "--creds", Value: "USER:PASSWORD", Help: "log in to the registry", Check: checkCredentials, Secret: password},
	{Names: "--authfile", Value: "FILE", Help: "log in with what FILE has for the registry (default: $REGISTRY_AUTH_FILE, or podman's files)"},
	{Names: "--cert-dir", Value: "DIR", Help: "trust DIR/*.crt, and show DIR/*.cert with *.key (default: the registry's folder in certs.d)"},
	{Names: "--arch", Value: "ARCHITECTURE", Help: "take the image for ARCHITECTURE, such as arm64, in place of this machine's"},
	{Names: "--variant", Value: "VARIANT", Help: "take the image for VARIANT of the architecture, such as v7"},
	{Names: "--platform", Value: "linux/ARCHITECTURE[/VARIANT]", Help: "both in one", Check: checkPlatform},
	{Names: "--offline", Value: "allow|deny", Default: "deny", Check: checkOffline,
		Help: "allow or not to go on with the image in the store where the registry cannot be reached"},
}

func checkCredentials(text string) error {
	_, err := registry.ParseCredentials(text)
	return err
}

func password(text string) []string {
	_, secret, _ := strings.Cut(text, ":")
	return []string{secret}
}

// checkOffline also takes the empty text: that of a variable that is not set.
func checkOffline(text string) error {
	switch text {
	case "allow", "deny", "":
		return nil
	}
	return fmt.Errorf("expected allow or deny, got %q", text)
}

func checkPlatform(text string) error {
	parts := strings.Split(text, "/")
	if len(parts) < 2 || len(parts) > 3 || parts[0] != "linux" {
		return errors.New("expected linux/ARCHITECTURE[/VARIANT]")
	}
	return nil
}

// ReadOptions reads the options of a command that has CallOptions.
func ReadOptions(call *command.Call) Options {
	home := call.Getenv("HOME")
	o := Options{Open: openerFor(call), Rules: signature.File, Registry: registry.Options{
		TLSVerify:    call.Flag("tls-verify"),
		AuthFiles:    authFiles(call),
		CertsFolders: []string{"/etc/containers/certs.d", "/etc/docker/certs.d"},
		ConfigFiles:  config.Files(home),
	}}
	if home != "" {
		o.Registry.CertsFolders = append([]string{filepath.Join(home, ".config/containers/certs.d")}, o.Registry.CertsFolders...)
	}
	if text := call.Text("creds"); text != "" {
		o.Registry.Credentials, _ = registry.ParseCredentials(text)
	}
	if folder := call.Text("cert-dir"); folder != "" {
		o.Registry.CertFolder = call.Path(folder)
	}
	for name, value := range call.Given("arch", "variant", "platform") {
		switch name {
		case "arch":
			o.Architecture = value
		case "variant":
			o.Variant = value
		default:
			parts := strings.Split(value, "/")
			o.Architecture, o.Variant = parts[1], strings.Join(parts[2:], "")
		}
	}
	o.Offline = call.Text("offline") == "allow"
	return o
}

// authFiles are where podman looks for credentials, in order: containers-auth.json(5).
func authFiles(call *command.Call) []string {
	if file := call.Text("authfile"); call.Has("authfile") && file != "" {
		return []string{call.Path(file)}
	}
	if file := call.Getenv("REGISTRY_AUTH_FILE"); file != "" {
		return []string{call.Path(file)}
	}
	files := []string{loginFile(call)}
	home := call.Getenv("HOME")
	if folder := cmp.Or(call.Getenv("XDG_CONFIG_HOME"), below(home, ".config")); folder != "" {
		files = append(files, filepath.Join(folder, "containers/auth.json"))
	}
	if folder := cmp.Or(call.Getenv("DOCKER_CONFIG"), below(home, ".docker")); folder != "" {
		files = append(files, filepath.Join(folder, "config.json"))
	}
	if home != "" {
		files = append(files, filepath.Join(home, ".dockercfg"))
	}
	return files
}

// below returns the path of a name below a folder, if there is one.
func below(folder, name string) string {
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, name)
}

// loginFile is where podman keeps what it logged in with.
func loginFile(call *command.Call) string {
	folder := cmp.Or(below(call.Getenv("XDG_RUNTIME_DIR"), "containers"), "/run/containers/"+strconv.Itoa(os.Getuid()))
	return filepath.Join(folder, "auth.json")
}
