package nbd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// handshakeLimit is how long a server has for one connection.
	handshakeLimit = 10 * time.Second
	// requestLimit is how long a server has for one request. Then the kernel ends the
	// connection, and sends the request over another: so also after a server's restart.
	requestLimit = 30 * time.Second
)

// Attached says how a device was attached.
type Attached struct {
	Size        uint64 // bytes
	ReadOnly    bool
	Connections int
}

// Client attaches devices, and keeps them attached.
type Client struct {
	life context.Context
	mu   sync.Mutex
	kept map[uint32]context.CancelFunc // ends the keeper of the device with that index
}

// NewClient returns a Client that restores connections until life ends.
func NewClient(life context.Context) *Client {
	return &Client{life: life, kept: make(map[uint32]context.CancelFunc)}
}

// Attach connects the device to its server, and restores connections that end. Later say is told
// when the server goes away, comes back, or has been away for longer than s.Timeout: then the
// device is detached. Errors name the server.
func (c *Client) Attach(ctx context.Context, s Spec, say func(string)) (Attached, error) {
	k := &keeper{spec: s, say: say}
	e, err := k.connectAll(ctx)
	if err != nil {
		return Attached{}, err
	}
	// the keeper gives up first, and says so
	if err := connectDevice(s.Index, e, s.Timeout+2*handshakeLimit, k.alive); err != nil {
		k.close()
		return Attached{}, fmt.Errorf("attach %s: %w", s.Device(), err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, c.kept[s.Index] = context.WithCancel(c.life)
	go k.run(ctx)
	return Attached{e.size, e.flags&flagReadOnly != 0, len(k.alive)}, nil
}

// Detach writes what the device's cache holds and ends its connections.
func (c *Client) Detach(device string) error {
	index, err := parseDevice(device)
	if err != nil {
		return err
	}
	unwritten := flush(device) // the server may have to come back for it
	c.mu.Lock()
	if stop := c.kept[index]; stop != nil {
		stop()
	}
	c.mu.Unlock()
	if err := errors.Join(unwritten, disconnectDevice(index)); err != nil {
		return fmt.Errorf("detach %s: %w", device, err)
	}
	return nil
}

// connection is one that is ready for the kernel.
type connection struct {
	export
	socket *os.File
	server string // its address
}

func (s Spec) connect(ctx context.Context, address string) (connection, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeLimit)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return connection{}, err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	e, err := negotiate(conn, s.Export)
	if err != nil {
		return connection{}, fmt.Errorf("server %s: %w", address, err)
	}
	socket, err := conn.(*net.TCPConn).File()
	return connection{e, socket, conn.RemoteAddr().String()}, err
}

// Devices returns the paths of the devices that are attached.
func Devices() ([]string, error) {
	pids, err := filepath.Glob("/sys/block/nbd*/pid") // there while it is attached
	var devices []string
	for _, pid := range pids {
		devices = append(devices, "/dev/"+filepath.Base(filepath.Dir(pid)))
	}
	return devices, err
}

func flush(device string) error {
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) {
		return nil // read-only
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
