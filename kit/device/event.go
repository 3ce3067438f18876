package device

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Event is what the kernel says when something becomes of one of its objects: a
// uevent (Documentation/ABI/testing/sysfs-uevent).
type Event struct {
	Action string // "add", "remove", "change", "bind" …; Lost
	Path   string // of the object below /sys: "/devices/pci0000:00/0000:00:03.0"
	text   string // KEY=VALUE, each behind a zero byte
}

// Lost is the Action of an event that stands for all that the kernel could not
// deliver: whoever follows devices has to look anew.
const Lost = "lost"

// Get returns one of the event's variables, such as SUBSYSTEM or MODALIAS, or "".
func (e Event) Get(key string) string {
	_, rest, _ := strings.Cut(e.text, "\x00"+key+"=")
	value, _, _ := strings.Cut(rest, "\x00")
	return value
}

// ParseEvent reads a message of the kernel's: "ACTION@PATH", and the variables, each
// ended by a zero byte. A message of another form, as udev's own are, is no event.
func ParseEvent(message []byte) (e Event, ok bool) {
	head, _, _ := strings.Cut(string(message), "\x00")
	if e.Action, e.Path, ok = strings.Cut(head, "@"); !ok {
		return Event{}, false
	}
	e.text = string(message[len(head):])
	return e, true
}

// buffer is how many bytes of events the kernel keeps for us. It takes no memory
// until they come, which they do by the thousand when a bus appears.
const buffer = 16 << 20

// Listen returns the events from now on, until ctx is done; then the channel is
// closed.
func Listen(ctx context.Context) (<-chan Event, error) {
	socket, err := open()
	if err != nil {
		return nil, fmt.Errorf("listen to the kernel's events of devices: %w", err)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, err
	}
	events := make(chan Event, 256)
	stop := context.AfterFunc(ctx, func() { socket.Close() })
	go func() {
		defer close(events)
		defer socket.Close()
		defer stop()
		message := make([]byte, 64<<10)
		for {
			e, err := receive(raw, message)
			if err != nil {
				return
			}
			if e.Action == "" {
				continue
			}
			select {
			case events <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	return events, nil
}

func open() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	// without the privilege, what is usual has to do
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, buffer)
	const kernels = 1 // the group of the kernel's own events; udev's is 2
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: kernels}); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	return os.NewFile(uintptr(fd), "uevents"), nil
}

// receive waits for a message. One that is no event, or that a process and not the
// kernel has sent, is an Event without an Action.
func receive(socket syscall.RawConn, message []byte) (e Event, err error) {
	var n int
	var from unix.Sockaddr
	waitErr := socket.Read(func(fd uintptr) bool {
		n, from, err = unix.Recvfrom(int(fd), message, 0)
		return err != unix.EAGAIN && err != unix.EINTR
	})
	switch sender, _ := from.(*unix.SockaddrNetlink); {
	case waitErr != nil:
		return Event{}, waitErr
	case err == unix.ENOBUFS:
		return Event{Action: Lost}, nil
	case err != nil:
		return Event{}, err
	case sender == nil || sender.Pid != 0:
		return Event{}, nil
	}
	e, _ = ParseEvent(message[:n])
	return e, nil
}
