// Package registry serves an image of one program to virtual machines.
package registry

import (
	"io"
	"log"
	"net"
	"net/http"
	"strings"

	"bootrc/test/machine"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Loopback is the address of the loopback interface.
const Loopback = "127.0.0.1"

// Serve serves an image for arch that runs one static program, /NAME, over plain http on a free
// port of one of this machine's addresses, as long as this process runs. It returns the image's
// reference; of one on the loopback interface, as a machine on QEMU's user network knows it.
func Serve(address, name, arch string, program []byte) (reference string, err error) {
	image, err := single(name, program, arch)
	if err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp4", address+":0")
	if err != nil {
		return "", err
	}
	go http.Serve(listener, registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	here := listener.Addr().String() + "/" + name
	if err := push(image, here); err != nil {
		return "", err
	}
	return strings.Replace(here, Loopback, machine.Host, 1), nil
}
