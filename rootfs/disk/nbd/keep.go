package nbd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// pause is how long a server that is away is left alone between two tries.
const pause = time.Second

// keeper restores the connections of an attached device. Meanwhile the kernel holds
// the device's requests back, and then sends anew what was not answered.
type keeper struct {
	spec    Spec
	server  string     // its address
	size    uint64     // of the export, in bytes
	alive   []*os.File // the kernel's connections, to see them end: only the kernel reads and writes
	missing int        // connections that ended
	since   time.Time  // when the first of these did
	away    bool       // none is alive
	say     func(string)
}

// connectAll makes as many connections as are wanted and the server allows. Those that come later
// go to the address of the first: a name would have to be looked up again.
func (k *keeper) connectAll(ctx context.Context) (export, error) {
	first, err := k.spec.connect(ctx, k.spec.address())
	if err != nil {
		return export{}, err
	}
	k.server, k.size, k.alive = first.server, first.size, []*os.File{first.socket}
	for first.flags&flagMultiConn != 0 && len(k.alive) < k.spec.Connections {
		more, err := k.spec.connect(ctx, k.server)
		if err != nil {
			break
		}
		k.alive = append(k.alive, more.socket)
	}
	return first.export, nil
}

func (k *keeper) close() {
	for _, socket := range k.alive {
		socket.Close()
	}
}

// run restores connections until ctx is done and the device detached, or until the server
// has been away for longer than the device's limit: it detaches the device then, and the
// kernel fails all requests.
//
// The device may be what the machine swaps to. So the thread that connects must not
// wait for memory that has to be swapped out first (PR_SET_IO_FLUSHER(2const)).
func (k *keeper) run(ctx context.Context) {
	runtime.LockOSThread()
	unix.Prctl(unix.PR_SET_IO_FLUSHER, 1, 0, 0, 0) // the thread ends with this function
	defer k.close()
	wait := -1
	for {
		k.see(wait)
		if ctx.Err() != nil {
			return
		}
		wait = -1
		if k.missing == 0 {
			continue
		}
		if err := k.restore(ctx); err == nil {
			wait = 0
		} else if wait = int(pause.Milliseconds()); time.Since(k.since) > k.spec.Timeout && k.end(err) {
			return
		}
	}
}

// see waits, for so many milliseconds, until connections end, and counts them.
func (k *keeper) see(wait int) {
	polled := make([]unix.PollFd, len(k.alive))
	for i, socket := range k.alive {
		polled[i].Fd = int32(socket.Fd()) // POLLHUP needs not be asked for
	}
	unix.Poll(polled, wait)
	var alive []*os.File
	for i, socket := range k.alive {
		if polled[i].Revents&(unix.POLLHUP|unix.POLLERR) == 0 {
			alive = append(alive, socket)
			continue
		}
		socket.Close()
		if k.missing++; k.missing == 1 {
			k.since = time.Now()
		}
	}
	k.alive = alive
}

// restore makes one connection anew.
func (k *keeper) restore(ctx context.Context) error {
	if len(k.alive) == 0 && !k.away {
		k.away = true
		k.say(fmt.Sprintf("server %s is away: waiting for up to %s", k.spec.address(), k.spec.Timeout))
	}
	c, err := k.spec.connect(ctx, k.server)
	if err != nil {
		return err
	}
	if c.size != k.size {
		err = fmt.Errorf("server %s: its export has %d bytes now, not %d", k.spec.address(), c.size, k.size)
	} else {
		err = reconnectDevice(k.spec.Index, c.socket)
	}
	if err != nil {
		c.socket.Close()
		return err
	}
	k.alive = append(k.alive, c.socket)
	k.missing--
	if k.away {
		k.away = false
		k.say(fmt.Sprintf("server %s is back", k.spec.address()))
	}
	return nil
}

// end gives up the missing connections, and the device if there is no other.
func (k *keeper) end(cause error) (detached bool) {
	k.missing = 0
	if len(k.alive) > 0 {
		return false // a server may allow fewer than before
	}
	k.say(fmt.Sprintf("server %s has been away for %s: what was written may be lost: %v", k.spec.address(), k.spec.Timeout, cause))
	if err := disconnectDevice(k.spec.Index); err != nil && !errors.Is(err, unix.EINVAL) {
		k.say(err.Error())
	}
	return true
}
