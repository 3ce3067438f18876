package dhcp

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"
)

// wants is what a machine's DHCP client is.
type wants int

const (
	anAddress wants = iota // no boot loader: an operating system, for one
	byPXE                  // a file by TFTP (PXE 2.1)
	byHTTP                 // a URL of an EFI program (UEFI 2.5 and later, section "HTTP Boot")
	byIPXE                 // a URL of a script
	raspberry              // the files of a Raspberry Pi's own boot loader, by TFTP
)

// client is what a request says of the machine that it comes from.
type client struct {
	wants
	MAC  net.HardwareAddr
	UUID string // the firmware's, in small letters; "" where it does not tell
	Arch iana.Arch
}

// read reads who asks.
func read(request *dhcpv4.DHCPv4) client {
	c := client{MAC: request.ClientHWAddr, UUID: guid(request.Options.Get(dhcpv4.OptionClientMachineIdentifier))}
	if archs := request.ClientArch(); len(archs) > 0 {
		c.Arch = archs[0]
	}
	class := request.ClassIdentifier()
	switch {
	case bytes.Contains(request.Options.Get(dhcpv4.OptionUserClassInformation), []byte("iPXE")):
		c.wants = byIPXE
	case strings.HasPrefix(class, pxeClass) && isRaspberry(c.MAC):
		c.wants = raspberry
	case strings.HasPrefix(class, pxeClass):
		c.wants = byPXE
	case strings.HasPrefix(class, httpClass):
		c.wants = byHTTP
	}
	return c
}

// The class identifiers (option 60) of machines that boot from the network, and of who answers them.
const (
	pxeClass  = "PXEClient"
	httpClass = "HTTPClient"
)

// guid writes option 97 (RFC 4578, section 2.3) as firmware, iPXE and Linux write it: the first three
// fields are little endian (SMBIOS, section 7.2.1).
func guid(option []byte) string {
	if len(option) != 17 || option[0] != 0 {
		return ""
	}
	b := option[1:]
	return fmt.Sprintf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%x-%x",
		b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8:10], b[10:])
}

// raspberries are the makers' prefixes of Raspberry Pi's network cards.
var raspberries = []string{"28:cd:c1", "2c:cf:67", "88:a2:9e", "b8:27:eb", "d8:3a:dd", "dc:a6:32", "e4:5f:01"}

func isRaspberry(mac net.HardwareAddr) bool {
	for _, prefix := range raspberries {
		if strings.HasPrefix(mac.String(), prefix+":") {
			return true
		}
	}
	return false
}

// machine names the architecture of a firmware as bootrc names it; "" for one that it has no
// kernel for (RFC 5970, section 3.3, and its registry).
func (c client) machine() string {
	switch c.Arch {
	case iana.INTEL_X86PC, iana.EFI_BC, iana.EFI_X86_64, iana.EFI_X86_64_HTTP:
		return "amd64"
	case iana.EFI_ARM64, iana.EFI_ARM64_HTTP:
		return "arm64"
	}
	return ""
}

// own is the machine's own EFI program.
func (c client) own() string {
	names := strings.ReplaceAll(c.MAC.String(), ":", "-")
	if c.UUID != "" {
		names += "_" + c.UUID
	}
	return "machines/" + names + "." + c.machine() + ".efi"
}

// files are the names of what can boot the machine, the best first.
func (c client) files() []string {
	switch {
	case c.wants == byIPXE:
		return []string{"boot.ipxe"}
	case c.machine() == "":
		return nil
	case c.wants == byHTTP:
		return []string{c.own()}
	case c.wants == byPXE && c.Arch == iana.INTEL_X86PC:
		return []string{"ipxe/undionly.kpxe"}
	case c.wants == byPXE:
		return []string{"ipxe/snponly." + c.machine() + ".efi", c.own()}
	}
	return nil
}

// bootfile is what the client is told of a file: iPXE and HTTP boot take URLs.
func (c client) bootfile(web *url.URL, file string) string {
	if c.wants == byPXE {
		return file
	}
	return web.JoinPath(file).String()
}

// String names the client as a line of the log does.
func (c client) String() string {
	if c.wants == raspberry {
		return "Raspberry Pi"
	}
	kind := map[wants]string{byPXE: "PXE", byHTTP: "HTTP boot", byIPXE: "iPXE"}[c.wants]
	firmware := c.Arch.String()
	switch {
	case c.Arch == iana.INTEL_X86PC:
		firmware = "BIOS"
	case c.machine() != "":
		firmware = "UEFI, " + c.machine() + ","
	}
	return kind + " of " + firmware
}
