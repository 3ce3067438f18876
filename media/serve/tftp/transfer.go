package tftp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// firstWait is how long an acknowledgement may take, unless the client says so itself. It
// doubles with each repetition; tries is how often a packet is sent in all.
const (
	firstWait = time.Second
	tries     = 6
)

// transfer sends a file to one client.
type transfer struct {
	conn *net.UDPConn // to it alone
	file io.ReaderAt
	size int64
	terms

	packet []byte
	answer [600]byte
}

// errAborted is the client's own end of a transfer: of a firmware that asked for a file's size, for one.
var errAborted = errors.New("ended by the client")

// run sends the file, after the packet that confirms the options, if there is one.
func (t *transfer) run(confirmation []byte) error {
	if confirmation != nil {
		send := func() error { _, err := t.conn.Write(confirmation); return err }
		if _, err := t.until(send, 0, 0); err != nil {
			return err
		}
	}
	t.packet = make([]byte, 4+t.block)
	blocks := t.size/int64(t.block) + 1 // the last one is not full, and may be empty
	for acked := int64(0); acked < blocks; {
		last := min(acked+int64(t.window), blocks)
		n, err := t.until(func() error { return t.send(acked+1, last) }, acked, last)
		if err != nil {
			return err
		}
		acked = n
	}
	return nil
}

// send sends blocks; the first of the file has the number 1. The numbers begin again at 0 after 65,535.
func (t *transfer) send(first, last int64) error {
	for n := first; n <= last; n++ {
		binary.BigEndian.PutUint16(t.packet, opData)
		binary.BigEndian.PutUint16(t.packet[2:], uint16(n))
		at := (n - 1) * int64(t.block)
		data := t.packet[4 : 4+min(int64(t.block), t.size-at)]
		if got, err := t.file.ReadAt(data, at); got < len(data) {
			t.conn.Write(failure(codeOther, "the file cannot be read"))
			return fmt.Errorf("read at %d: %w", at, err)
		}
		if _, err := t.conn.Write(t.packet[:4+len(data)]); err != nil {
			return err
		}
	}
	return nil
}

// until sends, and sends again, until one of the blocks from acked to last is acknowledged, and returns
// its number. An acknowledgement of acked once more is a client's that lost a packet of a window; in a
// window of one it is a late one, whose answer would be repeated for ever (RFC 1123, section 4.2.3.1).
func (t *transfer) until(send func() error, acked, last int64) (int64, error) {
	wait := t.wait
	for range tries {
		if err := send(); err != nil {
			return 0, err
		}
		n, err := t.acknowledgement(time.Now().Add(wait), acked, last)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		if !t.patient {
			wait *= 2
		}
	}
	return 0, errors.New("the client does not answer any more")
}

func (t *transfer) acknowledgement(deadline time.Time, acked, last int64) (int64, error) {
	t.conn.SetReadDeadline(deadline)
	for {
		n, err := t.conn.Read(t.answer[:])
		if err != nil {
			return 0, err
		}
		if number, done, err := t.read(t.answer[:n], acked, last); done {
			return number, err
		}
	}
}

// read reads a client's packet; it is not done with one that says nothing of the blocks from acked to last.
func (t *transfer) read(packet []byte, acked, last int64) (number int64, done bool, err error) {
	kind, block, text := header(packet)
	switch kind {
	case opError:
		return 0, true, fmt.Errorf("%w: %.100q", errAborted, text)
	case opAck:
		distance := int64(block - uint16(acked))
		if distance > last-acked || distance == 0 && acked != last && t.window == 1 {
			return 0, false, nil
		}
		return acked + distance, true, nil
	}
	return 0, false, nil
}

// header reads a client's packet; its kind is 0 where it is none.
func header(packet []byte) (kind, number uint16, text string) {
	if len(packet) < 4 {
		return 0, 0, ""
	}
	return binary.BigEndian.Uint16(packet), binary.BigEndian.Uint16(packet[2:]), strings.TrimRight(string(packet[4:]), "\x00")
}
