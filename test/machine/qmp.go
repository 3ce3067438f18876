package machine

import (
	"encoding/json"
	"fmt"
	"io"
)

// monitor is QEMU's machine protocol (docs/interop/qmp-spec) on a stream: one
// command at a time, and of the events the one that ends a machine.
type monitor struct {
	conn    io.ReadWriteCloser
	replies chan reply
	ends    chan string // the reason of the SHUTDOWN event, then closed
}

// reply is what QEMU sends: the answer to a command, or an event.
type reply struct {
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Desc string `json:"desc"`
	} `json:"error"`
	Event string `json:"event"`
	Data  struct {
		Reason string `json:"reason"`
	} `json:"data"`
}

// newMonitor begins to read conn and leaves QEMU ready for commands.
func newMonitor(conn io.ReadWriteCloser) (*monitor, error) {
	m := &monitor{conn: conn, replies: make(chan reply, 1), ends: make(chan string, 1)}
	go m.listen()
	return m, m.execute("qmp_capabilities", nil)
}

// listen sorts what QEMU sends until it hangs up.
func (m *monitor) listen() {
	defer close(m.replies)
	defer close(m.ends)
	ended := false
	for dec := json.NewDecoder(m.conn); ; {
		var r reply
		if dec.Decode(&r) != nil {
			return
		}
		switch {
		case r.Return != nil || r.Error != nil:
			m.replies <- r
		case r.Event == "SHUTDOWN" && !ended:
			ended = true
			m.ends <- r.Data.Reason
		}
	}
}

// execute runs one command and waits for its answer.
func (m *monitor) execute(command string, arguments map[string]any) error {
	request := map[string]any{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	if err := json.NewEncoder(m.conn).Encode(request); err != nil {
		return fmt.Errorf("qmp %s: %w", command, err)
	}
	r, ok := <-m.replies
	if !ok {
		return fmt.Errorf("qmp %s: QEMU hung up", command)
	}
	if r.Error != nil {
		return fmt.Errorf("qmp %s: %s", command, r.Error.Desc)
	}
	return nil
}
