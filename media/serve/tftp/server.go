// Package tftp sends files to boot loaders (RFC 1350), with the options of RFC 2348, 2349 and 7440.
package tftp

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"sync"
	"time"

	"bootrc/kit/foreign"
)

// File is what can be sent.
type File struct {
	io.ReaderAt
	Size  int64
	Close func() error
}

// Server is a TFTP server.
type Server struct {
	Open    func(name string) (File, error) // fs.ErrNotExist is for what is not there
	Log     func(line string)
	Address netip.Addr // where it serves
	Block   int        // bytes that a packet of its network can carry

	mu      sync.Mutex
	running map[netip.AddrPort]bool // the clients' ports: whoever asks twice is served once
	each    map[netip.Addr]int      // how many of them a client has
	said    [2]int64                // a second, and how many refusals are in the log of it
}

// The most transfers at a time, and those of one client, behind which there may be several machines: who asks again and
// again and never answers leaves room for the others.
const (
	mostTransfers = 1024
	mostOfOne     = 64
)

// Serve serves what is asked for at a connection until that is closed.
func (s *Server) Serve(conn *net.UDPConn) error {
	s.running, s.each = make(map[netip.AddrPort]bool), make(map[netip.Addr]int)
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			s.Log(fmt.Sprintf("TFTP: %v", err))
			time.Sleep(time.Second)
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		asked, err := parse(buffer[:n])
		if asked == nil && err == nil {
			continue
		}
		if err == nil {
			if err = s.begin(from); err == nil {
				go s.serve(from, asked)
				continue
			}
		}
		if errors.Is(err, errTwice) {
			continue
		}
		if s.tell() {
			s.log(from, "%v", err)
			s.refuse(conn, from, err)
		}
	}
}

// tell tells whether one more refusal is said: whoever sends odd packets cannot fill the log with them, nor, from addresses
// that nobody has, the connection's buffer, where the kernel keeps what is for those for seconds.
func (s *Server) tell() bool {
	if now := time.Now().Unix(); s.said[0] != now {
		s.said = [2]int64{now, 0}
	}
	s.said[1]++
	return s.said[1] <= mostRefusals
}

// mostRefusals is how many are said in a second.
const mostRefusals = 20

var errTwice = errors.New("it is served already")

// begin notes that a client is served.
func (s *Server) begin(client netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.running[client]:
		return errTwice
	case len(s.running) >= mostTransfers:
		return &refusal{codeOther, "too many clients at once: try again"}
	case s.each[client.Addr()] >= mostOfOne:
		return &refusal{codeOther, "too many files at once: try again"}
	}
	s.running[client] = true
	s.each[client.Addr()]++
	return nil
}

func (s *Server) end(client netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, client)
	if s.each[client.Addr()]--; s.each[client.Addr()] == 0 {
		delete(s.each, client.Addr())
	}
}

// serve serves one client.
func (s *Server) serve(client netip.AddrPort, asked *request) {
	defer s.end(client)
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: s.Address.AsSlice()}, net.UDPAddrFromAddrPort(client))
	if err != nil {
		s.log(client, "%s: %v", asked.file, err)
		return
	}
	defer conn.Close()
	file, err := s.Open(asked.file)
	if err != nil {
		s.log(client, "wants %s: %v", asked.file, err)
		conn.Write(failure(codeOf(err), "there is no such file here"))
		return
	}
	defer file.Close()
	begin := time.Now()
	t := transfer{conn: conn, file: file, size: file.Size}
	terms, confirmation := asked.agree(file.Size, max(s.Block, 512))
	t.terms = terms
	if err := t.run(confirmation); err != nil {
		s.log(client, "%s: %v", asked.file, err)
		return
	}
	s.log(client, "%s, %d bytes in %.1f s", asked.file, file.Size, time.Since(begin).Seconds())
}

func codeOf(err error) uint16 {
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return refused.code
	case errors.Is(err, fs.ErrNotExist):
		return codeNotFound
	}
	return codeOther
}

func (s *Server) refuse(conn *net.UDPConn, client netip.AddrPort, err error) {
	conn.WriteToUDPAddrPort(failure(codeOf(err), err.Error()), client)
}

func (s *Server) log(client netip.AddrPort, format string, args ...any) {
	s.Log(foreign.Line(fmt.Sprintf("%s TFTP: ", client.Addr()) + fmt.Sprintf(format, args...)))
}
