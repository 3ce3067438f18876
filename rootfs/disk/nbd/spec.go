// Package nbd attaches network block devices: it shakes hands with the server, as
// the NBD protocol's "Newstyle negotiation" says, and gives the connections to the
// kernel's driver by netlink (linux/nbd-netlink.h). In a boot it restores connections that end.
package nbd

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

const (
	defaultPort    = "10809"
	defaultTimeout = time.Minute
	maxConnections = 64
)

// Spec is what b2c.nbd= says: DEVICE,host=HOST[,port=PORT][,connections=N][,name=EXPORT][,timeout=SECONDS].
type Spec struct {
	Index       uint32 // of /dev/nbdINDEX
	Host, Port  string
	Connections int    // at most so many
	Export      string // "" is the server's default

	// Timeout is how long the server may be away, once it is attached.
	Timeout time.Duration
}

// Parse reads a Spec.
func Parse(text string) (Spec, error) {
	device, rest, _ := strings.Cut(text, ",")
	index, err := parseDevice(device)
	if err != nil {
		return Spec{}, err
	}
	s := Spec{Index: index, Port: defaultPort, Connections: 1, Timeout: defaultTimeout}
	for part := range strings.SplitSeq(rest, ",") {
		if err := s.set(part); err != nil {
			return Spec{}, err
		}
	}
	if s.Host == "" {
		return Spec{}, fmt.Errorf("host=HOST is missing")
	}
	return s, nil
}

func (s *Spec) set(part string) error {
	key, value, _ := strings.Cut(part, "=")
	switch key {
	case "":
	case "host":
		s.Host = strings.Trim(value, "[]")
	case "name":
		s.Export = value
	case "port":
		if n, err := strconv.ParseUint(value, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("port=%s: not 1 to 65535", value)
		}
		s.Port = value
	case "connections":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > maxConnections {
			return fmt.Errorf("connections=%s: not 1 to %d", value, maxConnections)
		}
		s.Connections = n
	case "timeout":
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return fmt.Errorf("timeout=%s: not a number of seconds", value)
		}
		s.Timeout = time.Duration(n) * time.Second
	default:
		return fmt.Errorf("%q: expected host=, port=, connections=, name= or timeout=", part)
	}
	return nil
}

// parseDevice reads nbd0 or /dev/nbd0.
func parseDevice(device string) (index uint32, err error) {
	digits, ok := strings.CutPrefix(strings.TrimPrefix(device, "/dev/"), "nbd")
	n, err := strconv.ParseUint(digits, 10, 16)
	if !ok || err != nil {
		return 0, fmt.Errorf("%q is no device such as /dev/nbd0", device)
	}
	return uint32(n), nil
}

// Device is the path of the device.
func (s Spec) Device() string { return fmt.Sprintf("/dev/nbd%d", s.Index) }

func (s Spec) address() string { return net.JoinHostPort(s.Host, s.Port) }
