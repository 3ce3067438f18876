package nbd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// handshakeLimit is how long a server has for one connection.
	handshakeLimit = 10 * time.Second
	// requestLimit is when the kernel gives up a request: a server that hangs must
	// not hang the machine's end.
	requestLimit = 60 * time.Second
)

// Attached says how a device was attached.
type Attached struct {
	Size        uint64 // bytes
	ReadOnly    bool
	Connections int
}

// Attach connects the device to its server. Errors name the server.
func Attach(ctx context.Context, s Spec) (Attached, error) {
	first, e, err := s.connect(ctx)
	if err != nil {
		return Attached{}, err
	}
	sockets := []*os.File{first}
	defer func() {
		for _, socket := range sockets {
			socket.Close() // the kernel has its own reference
		}
	}()
	for e.flags&flagMultiConn != 0 && len(sockets) < s.Connections {
		more, _, err := s.connect(ctx)
		if err != nil {
			break // a server may allow fewer
		}
		sockets = append(sockets, more)
	}
	if err := connectDevice(s.Index, e, sockets); err != nil {
		return Attached{}, fmt.Errorf("attach %s: %w", s.Device(), err)
	}
	return Attached{e.size, e.flags&flagReadOnly != 0, len(sockets)}, nil
}

// connect makes one connection that is ready for the kernel.
func (s Spec) connect(ctx context.Context) (*os.File, export, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeLimit)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.address())
	if err != nil {
		return nil, export{}, err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	e, err := negotiate(conn, s.Export)
	if err != nil {
		return nil, export{}, fmt.Errorf("server %s: %w", s.address(), err)
	}
	socket, err := conn.(*net.TCPConn).File()
	return socket, e, err
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

// Detach writes what the device's cache holds and ends its connections.
func Detach(device string) error {
	index, err := parseDevice(device)
	if err != nil {
		return err
	}
	if err := flush(device); err != nil {
		return fmt.Errorf("detach %s: %w", device, err)
	}
	if err := disconnectDevice(index); err != nil {
		return fmt.Errorf("detach %s: %w", device, err)
	}
	return nil
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
