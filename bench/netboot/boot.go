package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"bootrc/test/lan"
	"bootrc/test/tftpclient"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/insomniacslk/dhcp/iana"
)

// patience is how long a machine waits for what does not come: longer than firmware does, on a host that is busy.
const patience = 2 * time.Minute

// boot boots one machine as BIOS and iPXE do, up to the kernel's start.
func (b *bench) boot(h *lan.Host) error {
	lease, err := ask(h, "PXEClient:Arch:00000:UNDI:002001")
	if err != nil {
		return err
	}
	if err := h.SetAddress(lease.YourIPAddr.String() + "/16"); err != nil {
		return err
	}
	loader := lease.BootFileNameOption()
	if err := b.tftp(h, &net.UDPAddr{IP: lease.ServerIPAddr, Port: 69}, loader); err != nil {
		return err
	}
	lease, err = ask(h, "PXEClient:Arch:00000:UNDI:002001", dhcpv4.WithUserClass("iPXE", false))
	if err != nil {
		return err
	}
	return h.Do(func() error { return b.script(h, lease.BootFileNameOption()) })
}

// ask gets an address.
func ask(h *lan.Host, class string, more ...dhcpv4.Modifier) (*dhcpv4.DHCPv4, error) {
	var client *nclient4.Client
	err := h.Do(func() (err error) {
		client, err = nclient4.New(h.Link, nclient4.WithTimeout(4*time.Second), nclient4.WithRetry(15))
		return err
	})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	modifiers := append([]dhcpv4.Modifier{dhcpv4.WithOption(dhcpv4.OptClassIdentifier(class)), dhcpv4.WithOption(dhcpv4.OptClientArch(iana.INTEL_X86PC))}, more...)
	lease, err := client.Request(ctx, modifiers...)
	for errors.Is(err, syscall.ENOBUFS) { // of this kernel, which is the network of all machines
		lease, err = client.Request(ctx, modifiers...)
	}
	if err != nil {
		return nil, fmt.Errorf("DHCP: %w", err)
	}
	return lease.ACK, nil
}

// tftp gets a file and checks it.
func (b *bench) tftp(h *lan.Host, server *net.UDPAddr, name string) error {
	var conn *net.UDPConn
	err := h.Do(func() (err error) {
		conn, err = net.ListenUDP("udp4", nil)
		return err
	})
	if err != nil {
		return err
	}
	defer conn.Close()
	client := tftpclient.Client{Conn: conn, Server: server, Wait: time.Second}
	content, _, err := client.Get(tftpclient.Request(name, "tsize", "0", "blksize", "1468"))
	if err != nil {
		return fmt.Errorf("TFTP: %s: %w", name, err)
	}
	return b.check(name, bytes.NewReader(content))
}

func (b *bench) check(name string, content io.Reader) error {
	sum := sha256.New()
	n, err := io.Copy(sum, content)
	if err != nil {
		return fmt.Errorf("%s: after %d bytes: %w", name, n, err)
	}
	if [32]byte(sum.Sum(nil)) != b.hashes[name] {
		return fmt.Errorf("%s: %d bytes, which are not the file's", name, n)
	}
	return nil
}

// script follows iPXE's scripts: chain, kernel and initrd.
func (b *bench) script(h *lan.Host, from string) error {
	at, err := url.Parse(from)
	if err != nil {
		return err
	}
	conn, err := net.DialTimeout("tcp4", net.JoinHostPort(at.Hostname(), "80"), patience) // here, since net/http would dial elsewhere
	if err != nil {
		return err
	}
	defer conn.Close()
	r := &reader{conn, bufio.NewReader(patient{conn})}
	entry, err := r.get(at)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(entry), "\n") {
		if word, ok := strings.CutPrefix(line, "chain --autofree "); ok {
			name, _, _ := strings.Cut(word, " ")
			name = strings.NewReplacer("${netX/mac:hexhyp}", strings.ReplaceAll(h.MAC.String(), ":", "-"), "${uuid}", "", "${serial:uristring}", "").Replace(name)
			at = at.ResolveReference(&url.URL{Path: name})
		}
	}
	machine, err := r.get(at)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(machine), "\n") {
		fields := strings.Fields(strings.ReplaceAll(line, "${arch}", "amd64"))
		switch {
		case len(fields) > 1 && fields[0] == "kernel":
			err = r.checked(b, at, fields[1])
		case len(fields) > 3 && fields[0] == "initrd" && strings.HasSuffix(fields[3], "initramfs"):
			err = r.checked(b, at, fields[3])
		case len(fields) > 3 && fields[0] == "initrd":
			_, err = r.get(at.ResolveReference(&url.URL{Path: fields[3]}))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// patient waits for each part of what comes.
type patient struct{ net.Conn }

// Read is io.Reader's.
func (p patient) Read(b []byte) (int, error) {
	p.SetReadDeadline(time.Now().Add(patience))
	return p.Conn.Read(b)
}

// reader gets one file after the other by one connection.
type reader struct {
	conn net.Conn
	in   *bufio.Reader
}

func (r *reader) open(at *url.URL) (io.ReadCloser, error) {
	request := &http.Request{Method: "GET", URL: at, Host: at.Host, Header: http.Header{}}
	if err := request.Write(r.conn); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(r.in, request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("%s: %s", at, answer.Status)
	}
	return answer.Body, nil
}

func (r *reader) get(at *url.URL) ([]byte, error) {
	body, err := r.open(at)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

func (r *reader) checked(b *bench, from *url.URL, name string) error {
	body, err := r.open(from.ResolveReference(&url.URL{Path: name}))
	if err != nil {
		return err
	}
	defer body.Close()
	return b.check(strings.TrimPrefix(name, "../"), body)
}
