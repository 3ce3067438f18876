package console

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal returns both sides of a terminal (pty(7)).
func openTerminal(t *testing.T) (person, machine *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if machine, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { machine.Close() })
	return person, machine
}

// takes tells whether a terminal takes what is written.
func takes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	polled := []unix.PollFd{{Fd: int32(terminal.Fd()), Events: unix.POLLOUT}}
	n, err := unix.Poll(polled, 0)
	if err != nil && err != unix.EINTR {
		t.Fatal(err)
	}
	return n > 0
}

// Who stops the terminal does not stop the machine, once it has to go on.
func TestConsoleThatIsStopped(t *testing.T) {
	person, machine := openTerminal(t)
	c := New(machine)
	if _, err := person.WriteString("\x13"); err != nil { // ctrl-s
		t.Fatal(err)
	}
	for takes(t, machine) {
	}
	written := make(chan struct{})
	go func() {
		c.Report("after ctrl-s")
		close(written)
	}()
	for c.terminal.writes.Load()%2 == 0 {
		select {
		case <-written:
			t.Fatal("ctrl-s does not stop the terminal")
		default:
		}
	}
	c.Free()
	<-written
	if _, err := person.WriteString("\x13"); err != nil {
		t.Fatal(err)
	}
	c.Report("after another")
	shown := make([]byte, 0, 4096)
	for !strings.Contains(string(shown), "after another") {
		n, err := person.Read(shown[len(shown):cap(shown)])
		if err != nil {
			t.Fatal(err)
		}
		shown = shown[:len(shown)+n]
	}
	if !strings.Contains(string(shown), "after ctrl-s") {
		t.Errorf("got %q", shown)
	}
}
