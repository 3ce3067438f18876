package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var full = flag.Bool("full", false, "boot each firmware by each kind of DHCP server; an hour")

// ways are how machines boot, each with what the servers must say of it. Those of everyday runs are two.
var ways = []struct {
	firmware, dhcp, name string
	everyday             bool
	log                  string
}{
	{"bios", "full", "uuid", true, `iPXE of BIOS boots http://10\.77\.0\.1/boot\.ipxe`},
	{"uefi", "proxy", "serial", true, `PXE of UEFI, amd64, boots ipxe/snponly\.amd64\.efi`},
	{"bios", "proxy", "mac", false, `HTTP: machines/52-54-00-b2-c0-01_b2c00000-1111-2222-3333-444455556666_SN-0001\.ipxe, made of arguments/52:54:00:b2:c0:01`},
	{"bios", "dnsmasq", "default", false, ``},
	{"bios", "dhcpd", "uuid", false, ``},
	{"uefi", "full", "mac", false, `TFTP: ipxe/snponly\.amd64\.efi, `},
	{"uefi", "dnsmasq", "mac", false, ``},
	{"uefi", "dhcpd", "serial", false, ``},
	{"http", "full", "uuid", false, `HTTP boot of UEFI, amd64, boots http://10\.77\.0\.1/machines/`},
	{"http", "proxy", "mac", false, `HTTP: machines/52-54-00-b2-c0-01_b2c00000-1111-2222-3333-444455556666\.amd64\.efi, made of `},
	{"http", "dnsmasq", "default", false, ``},
	{"http", "dhcpd", "default", false, ``},
	{"arm64", "full", "uuid", false, `TFTP: machines/52-54-00-b2-c0-01_b2c00000-1111-2222-3333-444455556666\.arm64\.efi, `},
	{"arm64", "proxy", "mac", false, `PXE of UEFI, arm64, boots machines/`},
	{"arm64-http", "full", "mac", false, `HTTP boot of UEFI, arm64, boots http://10\.77\.0\.1/machines/`},
	{"arm64-http", "proxy", "default", false, ``},
	{"arm64-http", "dnsmasq", "default", false, ``},
}

// Each firmware finds the servers, and boots a container with the arguments and hooks that are its machine's.
func TestNetboot(t *testing.T) {
	work := t.TempDir()
	tree := filepath.Join(work, "tree")
	architectures := []string{"amd64"}
	if *full {
		architectures = append(architectures, "arm64")
	}
	for _, arch := range architectures {
		command(t, "./mkinitramfs.sh", "--arch", arch, "--kernel", "6.12-cloud", "-o", filepath.Join(work, arch), "--export", tree)
	}
	if err := os.WriteFile(filepath.Join(tree, "hooks/35-hello.sh"), []byte("#!/bin/sh\necho hello from a hook of the folder\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	server, booter := filepath.Join(work, "serve"), filepath.Join(work, "netboot")
	command(t, "go", "build", "-o", server, "./media/serve")
	command(t, "go", "build", "-o", booter, "./test/netboot")
	for _, way := range ways {
		if !way.everyday && !*full {
			continue
		}
		t.Run(way.firmware+"-"+way.dhcp, func(t *testing.T) {
			out := command(t, booter, "-firmware", way.firmware, "-dhcp", way.dhcp, "-name", way.name, server, tree)
			for _, want := range []string{`hello from a hook of the folder`, `Hello from a container`, `Execution is over, pipeline status: 0`, way.log} {
				if !regexp.MustCompile(want).MatchString(out) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
}

// command runs a program in the project's folder, and returns what it writes.
func command(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	cmd := exec.Command(name, arguments...)
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
	return string(out)
}
