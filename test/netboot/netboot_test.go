package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var asked = flag.String("ways", "", "boot by these `WAYS`, FIRMWARE-DHCP each; or by all, which takes half an hour")

// way is how a machine boots, with what the servers must say of it.
type way struct {
	firmware, dhcp, name string
	everyday             bool
	log                  string
}

func (w way) String() string { return w.firmware + "-" + w.dhcp }

// ways are all of them. Those of everyday runs are two.
var ways = []way{
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

// chosen returns the ways that were asked for, or those of everyday runs.
func chosen(t *testing.T) []way {
	if *asked == "all" {
		return ways
	}
	names := strings.Fields(*asked)
	for _, name := range names {
		if !slices.ContainsFunc(ways, func(w way) bool { return w.String() == name }) {
			t.Fatalf("no way is named %s: there are %v", name, ways)
		}
	}
	return slices.DeleteFunc(slices.Clone(ways), func(w way) bool {
		return !slices.Contains(names, w.String()) && (*asked != "" || !w.everyday)
	})
}

// Each firmware finds the servers, and boots a container with the arguments and hooks that are its machine's.
func TestNetboot(t *testing.T) {
	work := t.TempDir()
	tree := filepath.Join(work, "tree")
	chosen := chosen(t)
	for _, arch := range []string{"amd64", "arm64"} {
		if !slices.ContainsFunc(chosen, func(w way) bool { return firmwares[w.firmware].arch == arch }) {
			continue
		}
		command(t, "./mkinitramfs.sh", "--arch", arch, "--kernel", "6.12-cloud", "-o", filepath.Join(work, arch), "--export", tree)
	}
	if err := os.WriteFile(filepath.Join(tree, "hooks/35-hello.sh"), []byte("#!/bin/sh\necho hello from a hook of the folder\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	server, booter := filepath.Join(work, "serve"), filepath.Join(work, "netboot")
	command(t, "go", "build", "-o", server, "./media/serve")
	command(t, "go", "build", "-o", booter, "./test/netboot")
	for _, way := range chosen {
		t.Run(way.String(), func(t *testing.T) {
			out := command(t, booter, "-firmware", way.firmware, "-dhcp", way.dhcp, "-name", way.name, server, tree)
			for _, want := range []string{`hello from a hook of the folder`, `Hello from a container`, `Execution is over, pipeline status: 0`, way.log} {
				if !regexp.MustCompile(want).Match(out.text.Bytes()) {
					t.Errorf("no %q in\n%s", want, out.text.Bytes())
				}
			}
			if !t.Failed() { // at once, and not by t.Log: all ways take half an hour
				fmt.Printf("pass %6.1fs  %v: %s\n", time.Since(out.begin).Seconds(), way, out.figures())
			}
		})
	}
}

// command runs a program in the project's folder, and returns what it writes.
func command(t *testing.T, name string, arguments ...string) *said {
	t.Helper()
	out := &said{begin: time.Now()}
	cmd := exec.Command(name, arguments...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "../..", out, out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out.text.Bytes())
	}
	return out
}
