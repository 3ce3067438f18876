// Registry serves a demo image on the loopback interface, until it is ended.
//
//	usage: go run ./test/registry [-arch ARCH]
//
// It prints the image's reference once it can be pulled, over plain http:
//
//	$ go run ./test/registry
//	127.0.0.1:37085/hello
//
// In a machine that QEMU runs with user-mode networking, 127.0.0.1 is 10.0.2.2:
//
//	./mkinitramfs.sh --boot b2c.run="--tls-verify=false docker://10.0.2.2:37085/hello 3"
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	arch := flag.String("arch", runtime.GOARCH, "the image's architecture, as Go names it")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := serve(*arch); err != nil {
		fmt.Fprintf(os.Stderr, "registry: %v\n", err)
		os.Exit(1)
	}
}

// serve builds the image for arch, and serves it on a free port.
func serve(arch string) error {
	program, err := compile("bootrc/test/registry/hello", arch)
	if err != nil {
		return err
	}
	image, err := single("hello", program, arch)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	go func() { ended <- http.Serve(listener, handler) }()
	reference := listener.Addr().String() + "/hello"
	if err := push(image, reference); err != nil {
		return err
	}
	fmt.Println(reference)
	return <-ended
}
