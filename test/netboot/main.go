// Netboot boots a machine in QEMU by its firmware and the network, on a network of their own, with the
// project's netboot server. It is behind mkinitramfs.sh's --try, and behind scenarios.
//
//	usage: netboot [-firmware KIND] [-dhcp KIND] [-name NAME] SERVER DIR
//
// SERVER is the program of media/serve, and DIR its folder, of which the machine gets a copy. It boots with DIR's arguments
// and hooks; of images, its network has docker.io/library/hello-world alone, a demo. With NAME, which is mac, uuid, serial or
// default, a file of that name has arguments that run the demo. DHCP is SERVER's (full), or that and dnsmasq's (proxy); or
// SERVER only exports, and dnsmasq or dhcpd serves as docs/netboot.md says. The exit status is the pipeline's, or 1 where the
// machine ended without one. It runs in the project's folder.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bootrc/test/lan"
	"bootrc/test/machine"
	"bootrc/test/namespace"
	"bootrc/test/registry"
)

// Who the machine is.
const (
	mac    = "52:54:00:b2:c0:01"
	uuid   = "b2c00000-1111-2222-3333-444455556666"
	serial = "SN-0001"
)

// names are those that a file of arguments of its own can have; with "" it has none.
var names = map[string]string{"": "", "mac": mac, "uuid": uuid, "serial": serial, "default": "default"}

func main() {
	kind := flag.String("firmware", "bios", "`KIND` of firmware: bios, uefi, http, arm64 or arm64-http")
	how := flag.String("dhcp", "full", "`KIND` of DHCP: full, proxy, dnsmasq or dhcpd")
	name := flag.String("name", "", "have arguments that run the demo, named after the machine's `NAME`: mac, uuid, serial or default")
	flag.Parse()
	if _, ok := names[*name]; flag.NArg() != 2 || !ok {
		flag.Usage()
		os.Exit(2)
	}
	status, inside := namespace.Enter()
	if inside {
		var err error
		if status, err = run(*kind, *how, names[*name], flag.Arg(0), flag.Arg(1)); err != nil {
			fmt.Fprintf(os.Stderr, "netboot: %v\n", err)
			status = 1
		}
	}
	os.Exit(status)
}

// run boots the machine to its end, and returns its pipeline's status.
func run(kind, how, name, server, folder string) (status int, err error) {
	f, err := firmwareOf(kind)
	if err != nil {
		return 0, err
	}
	work, err := os.MkdirTemp("", "netboot")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	if err := errors.Join(lan.Make(address+"/24"), lan.Tap(tap)); err != nil {
		return 0, err
	}
	if folder, err = withDemo(work, folder, name, f.arch); err != nil {
		return 0, err
	}
	stop, err := servers(how, server, work, folder)
	if err != nil {
		return 0, err
	}
	defer stop()
	return boot(machine.Hardware{Arch: f.arch, Memory: 1024, Firmware: f.name, Extra: f.options(tap), Output: os.Stdout, Keyboard: os.Stdin})
}

// withDemo returns a copy of the folder, whose arguments suit the machine. With a name, they run the demo.
func withDemo(work, folder, name, arch string) (string, error) {
	demo, err := registry.ServeDemo(address, arch)
	if err != nil {
		return "", err
	}
	host, _, _ := strings.Cut(demo, "/")
	if err := registry.PushDemo(host+"/library/hello-world", arch); err != nil {
		return "", err
	}
	copied := filepath.Join(work, "files")
	if err := os.CopyFS(copied, os.DirFS(folder)); err != nil {
		return "", err
	}
	arguments := filepath.Join(copied, "arguments")
	if err := os.MkdirAll(arguments, 0o755); err != nil {
		return "", err
	}
	if name != "" {
		run := fmt.Sprintf("b2c.log=plain\nb2c.run=\"--tls-verify=false docker://%s\"\n", demo)
		if err := os.WriteFile(filepath.Join(arguments, name), []byte(run), 0o644); err != nil {
			return "", err
		}
	}
	console := map[string]string{"amd64": "ttyS0", "arm64": "ttyAMA0"}[arch]
	return copied, addToAll(arguments, fmt.Sprintf("\nconsole=%s panic=-1 no_timer_check b2c.mirror=docker.io,http://%s\n", console, host))
}

// addToAll adds arguments to each file of a folder.
func addToAll(folder, arguments string) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, file := range files {
		if !file.Type().IsRegular() {
			continue
		}
		name := filepath.Join(folder, file.Name())
		content, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(name, append(content, arguments...), 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// limit is how long a machine may take that boots to its end in minutes, even when the host is busy.
const limit = 30 * time.Minute

func boot(hw machine.Hardware) (status int, err error) {
	m, err := machine.Start(hw, limit)
	if err != nil {
		return 0, err
	}
	if _, err := m.Wait(); err != nil {
		return 0, err
	}
	status, ok := machine.Status(m.Console.Raw())
	if !ok {
		return 0, errors.New("the machine ended without a pipeline status")
	}
	return status, nil
}
