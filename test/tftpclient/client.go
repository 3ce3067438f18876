// Package tftpclient receives files by TFTP as boot loaders do, for tests and for the bench.
package tftpclient

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// Client receives one file.
type Client struct {
	Conn   *net.UDPConn // its own
	Server *net.UDPAddr
	Window int         // packets that it acknowledges together; 0: 1
	Lose   func() bool // whether the network loses the next packet; nil: none
	Wait   time.Duration

	buffer [64 << 10]byte
}

// Request is the packet that asks for a file, with options: names and values by turns.
func Request(name string, options ...string) []byte {
	packet := append([]byte{0, 1}, name+"\x00octet\x00"...)
	for _, option := range options {
		packet = append(packet, option+"\x00"...)
	}
	return packet
}

const (
	opData, opError, opOAck = 3, 5, 6

	// patience is how often nothing may come.
	patience = 100
)

// receiving is how far a file has come.
type receiving struct {
	content  []byte
	options  string // that the server agreed to
	block    int
	number   uint16 // of the last packet
	unsaid   int    // packets since the last acknowledgement
	answered bool
}

// Get sends a request, and returns the file's content and the options that the server agreed to.
func (c *Client) Get(request []byte) (content []byte, options string, err error) {
	r := receiving{block: 512}
	for silent := 0; silent < patience; {
		if !r.answered {
			c.send(request)
		}
		packet, err := c.receive()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			silent++
			if r.answered {
				c.acknowledge(&r)
			}
			continue
		}
		if err != nil {
			return r.content, r.options, err
		}
		silent = 0
		if done, err := c.take(&r, packet); done {
			return r.content, r.options, err
		}
	}
	return r.content, r.options, fmt.Errorf("%d bytes came, and then nothing: %w", len(r.content), os.ErrDeadlineExceeded)
}

// take takes a packet; it is done with the last one.
func (c *Client) take(r *receiving, packet []byte) (done bool, err error) {
	if len(packet) < 4 {
		return false, nil
	}
	kind, number, rest := binary.BigEndian.Uint16(packet), binary.BigEndian.Uint16(packet[2:]), packet[4:]
	r.answered = true
	switch {
	case kind == opError:
		return true, fmt.Errorf("error %d: %s", number, strings.TrimRight(string(rest), "\x00"))
	case kind == opOAck:
		r.options = strings.TrimSuffix(strings.ReplaceAll(string(packet[2:]), "\x00", " "), " ")
		if _, value, ok := strings.Cut(r.options, "blksize "); ok {
			fmt.Sscan(value, &r.block)
		}
		c.acknowledge(r)
	case kind == opData && number == r.number+1:
		r.number = number
		r.content = append(r.content, rest...)
		last := len(rest) < r.block
		if r.unsaid++; r.unsaid >= c.Window || last {
			c.acknowledge(r)
		}
		return last, nil
	case kind == opData && (c.Window > 1 || number == r.number): // one was lost
		c.acknowledge(r)
	}
	return false, nil
}

func (c *Client) acknowledge(r *receiving) {
	r.unsaid = 0
	c.send(binary.BigEndian.AppendUint16([]byte{0, 4}, r.number))
}

func (c *Client) send(packet []byte) {
	if c.Lose == nil || !c.Lose() {
		c.Conn.WriteToUDP(packet, c.Server)
	}
}

// receive returns the next packet, whose sender is the server from then on.
func (c *Client) receive() ([]byte, error) {
	wait := c.Wait
	if wait == 0 {
		wait = 300 * time.Millisecond
	}
	for {
		c.Conn.SetReadDeadline(time.Now().Add(wait))
		n, from, err := c.Conn.ReadFromUDP(c.buffer[:])
		if err != nil {
			return nil, err
		}
		c.Server = from
		if c.Lose == nil || !c.Lose() {
			return c.buffer[:n], nil
		}
	}
}
