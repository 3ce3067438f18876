// Serve is a netboot server: HTTP, TFTP and DHCP for machines that boot from the network. It is behind
// mkinitramfs.sh's --serve and --export.
//
//	usage: serve [-interface NAME] [-dhcp proxy|full|none] [-port PORT] [-check] DIR
//	       serve -export DIR
//
// DIR is what package tree describes. With "proxy", another server of the network gives addresses; with
// "full", this one does; with "none", the other one is told by hand what boots. It logs a line for
// each file that a machine gets, or wants and does not get. ctrl-c ends it. With -check it only sees whether it could.
//
// With -export it writes into DIR what any server of HTTP or TFTP needs, and ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"bootrc/media/serve/dhcp"
	"bootrc/media/serve/tftp"
	"bootrc/media/serve/tree"
)

func main() {
	var o options
	flag.StringVar(&o.link, "interface", "", "serve on the interface `NAME`; without it, on the one with the default route")
	flag.StringVar(&o.dhcp, "dhcp", "proxy", "`KIND` of DHCP: proxy, full or none")
	flag.IntVar(&o.port, "port", 80, "serve HTTP on `PORT`")
	flag.BoolVar(&o.check, "check", false, "end where it would serve")
	export := flag.Bool("export", false, "write into DIR what any server needs")
	flag.Parse()
	if flag.NArg() != 1 || o.dhcp != "proxy" && o.dhcp != "full" && o.dhcp != "none" {
		flag.Usage()
		os.Exit(2)
	}
	o.folder = flag.Arg(0)
	run := o.serve
	if *export {
		run = o.export
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "serve: %v\n", err)
		os.Exit(1)
	}
}

type options struct {
	folder, link, dhcp string
	port               int
	check              bool
}

func (o options) export(context.Context) error {
	written, err := tree.Export(o.folder)
	for _, name := range written {
		fmt.Println(name)
	}
	return err
}

// serve serves until ctx is done.
func (o options) serve(ctx context.Context) error {
	if o.port < 1 || o.port > math.MaxUint16 {
		return fmt.Errorf("--port %d: ports are from 1 to %d", o.port, math.MaxUint16)
	}
	files, err := tree.New(o.folder)
	if err != nil {
		return err
	}
	l, err := findLink(o.link, o.dhcp == "full")
	if err != nil {
		return err
	}
	defer l.undo()
	if o.dhcp == "full" {
		if other := l.otherServer(ctx); other.IsValid() {
			return fmt.Errorf("%s gives addresses on %s already: leave --dhcp full out", other, l.name)
		}
	}
	serving := []func(context.Context, *tree.Tree, *link) (service, error){o.web, o.tftp}
	if o.dhcp != "none" {
		serving = append(serving, o.dhcpd)
	}
	return o.runAll(ctx, files, l, serving)
}

// service is what runs until it is closed.
type service struct {
	run   func() error
	close func() error
}

// runAll opens all ports, and then serves on them.
func (o options) runAll(ctx context.Context, files *tree.Tree, l *link, open []func(context.Context, *tree.Tree, *link) (service, error)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var services []service
	for _, open := range open {
		s, err := open(ctx, files, l)
		if err != nil {
			return err
		}
		defer s.close()
		services = append(services, s)
	}
	if o.check {
		return nil
	}
	var running sync.WaitGroup
	for _, s := range services {
		context.AfterFunc(ctx, func() { s.close() })
		running.Go(func() { cancel(s.run()) })
	}
	said.line(fmt.Sprintf("serving at %s on %s: ctrl-c ends it", l.address, l.name))
	running.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// web opens the port of HTTP.
func (o options) web(_ context.Context, files *tree.Tree, l *link) (service, error) {
	listener, err := net.Listen("tcp4", netip.AddrPortFrom(l.address, uint16(o.port)).String())
	if err != nil {
		return service{}, taken(err, fmt.Sprintf("port %d of TCP (HTTP)", o.port), "choose another with --port")
	}
	server := (&web{files, said.line}).server()
	end := func() error { return errors.Join(server.Close(), listener.Close()) } // a server that never served knows of no listener
	return service{func() error { return server.Serve(listener) }, end}, nil
}

// tftp opens that of TFTP.
func (o options) tftp(_ context.Context, files *tree.Tree, l *link) (service, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(l.address, 69)))
	if err != nil {
		return service{}, taken(err, "port 69 of UDP (TFTP)", "stop that, which \"ss -lunp\" names")
	}
	const headers = 20 + 8 + 4 // of IP, UDP and TFTP
	server := &tftp.Server{Address: l.address, Block: l.mtu - headers, Log: said.line, Open: func(name string) (tftp.File, error) {
		f, err := files.Open(name)
		if err != nil {
			return tftp.File{}, err
		}
		return tftp.File{ReaderAt: f, Size: f.Size, Close: f.Close}, nil
	}}
	return service{func() error { return server.Serve(conn) }, conn.Close}, nil
}

// dhcpd opens those of DHCP.
func (o options) dhcpd(_ context.Context, files *tree.Tree, l *link) (service, error) {
	conns, err := dhcp.Listen(l.name)
	if err != nil {
		return service{}, taken(err, "port 67 or 4011 of UDP (DHCP)",
			"stop that, which \"ss -lunp\" names, or tell it what boots (docs/netboot.md) and add --dhcp none")
	}
	where := &url.URL{Scheme: "http", Host: l.address.String(), Path: "/"}
	if o.port != 80 {
		where.Host = netip.AddrPortFrom(l.address, uint16(o.port)).String()
	}
	server := &dhcp.Server{Address: l.address, Web: where, Has: files.Has, Log: said.line}
	if o.dhcp == "full" {
		server.Pool = dhcp.NewPool(l.address, l.network)
		server.Router, server.Names = forwards(), nameservers()
	}
	var running sync.WaitGroup
	return service{
		run: func() error {
			for port, conn := range conns {
				running.Go(func() { server.Serve(conn, port) })
			}
			running.Wait()
			return nil
		},
		close: func() error {
			for _, conn := range conns {
				conn.Close()
			}
			return nil
		},
	}, nil
}

// taken says what to do where a port cannot be had.
func taken(err error, what, remedy string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: another program has it: %s", what, remedy)
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%s: only root can open it: %s", what, byRoot)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// byRoot is the remedy of who is not root.
const byRoot = "start this as root, or install sudo"
