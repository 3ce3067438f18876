package tools

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

func resizeCommand() command.Command {
	return command.Command{
		Name: "resize", Summary: "ask the terminal for its size, as that of a serial line has to be, or set it", Operands: "[COLUMNS] [ROWS]",
		Forms: []string{"[COLUMNS ROWS]"}, Run: tool(resize),
	}
}

// answerLimit is how long a terminal may take to answer.
const answerLimit = 2 * time.Second

func resize(_ context.Context, c *call) error {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer tty.Close()
	var size unix.Winsize
	if len(c.Args) > 0 {
		if _, err := fmt.Sscan(strings.Join(c.Args, " "), &size.Col, &size.Row); err != nil || size.Col == 0 || size.Row == 0 {
			return command.Usagef("expected columns and rows, such as 80 24, got %q", strings.Join(c.Args, " "))
		}
	} else if size, err = askSize(tty); err != nil {
		return err
	}
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &size); err != nil {
		return err
	}
	c.Printf("%d columns, %d rows\n", size.Col, size.Row)
	return nil
}

// askSize moves the cursor as far as it goes, and asks where it is (ECMA-48, DSR and CPR).
func askSize(tty *os.File) (unix.Winsize, error) {
	raw, err := term.MakeRaw(int(tty.Fd()))
	if err != nil {
		return unix.Winsize{}, err
	}
	defer term.Restore(int(tty.Fd()), raw)
	if _, err := tty.WriteString("\x1b7\x1b[999;999H\x1b[6n\x1b8"); err != nil {
		return unix.Winsize{}, err
	}
	answer := ""
	for end := time.Now().Add(answerLimit); time.Now().Before(end); {
		if ready, err := poll(tty, 100*time.Millisecond); err != nil || !ready {
			continue
		}
		block := make([]byte, 64)
		n, _ := tty.Read(block)
		answer += string(block[:n])
		if size, ok := parsePosition(answer); ok {
			return size, nil
		}
	}
	return unix.Winsize{}, fmt.Errorf("the terminal does not say where its cursor is: resize COLUMNS ROWS sets its size")
}

// parsePosition reads ESC [ ROW ; COLUMN R.
func parsePosition(answer string) (unix.Winsize, bool) {
	_, rest, ok := strings.Cut(answer, "\x1b[")
	text, _, ended := strings.Cut(rest, "R")
	var size unix.Winsize
	n, _ := fmt.Sscanf(text, "%d;%d", &size.Row, &size.Col)
	return size, ok && ended && n == 2
}
