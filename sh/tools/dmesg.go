package tools

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bootrc/kit/command"

	"golang.org/x/sys/unix"
)

func dmesgCommand() command.Command {
	return command.Command{
		Name: "dmesg", Summary: "print the kernel's messages", Run: tool(dmesg),
		Options: []command.Option{
			{Names: "-w, --follow", Help: "go on with new messages"},
			{Names: "-T, --ctime", Help: "print the time of day, by the clock as it is now, instead of the uptime"},
			{Names: "-n, --console-level", Value: "LEVEL", Kind: command.Count,
				Help: "let only messages below LEVEL reach the console: 1 is emergencies, 8 is all"},
		},
	}
}

func dmesg(ctx context.Context, c *call) error {
	follow := c.Flag("follow")
	if c.Has("console-level") {
		return setConsoleLevel(c.Count("console-level"))
	}
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("/dev/kmsg: %w", err)
	}
	defer unix.Close(fd)
	var began time.Time // when the kernel started, for those who ask
	if c.Flag("ctime") {
		var up unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &up); err != nil {
			return err
		}
		began = time.Now().Add(-time.Duration(up.Nano()))
	}
	record := make([]byte, 8<<10)
	for {
		n, err := unix.Read(fd, record)
		switch {
		case errors.Is(err, unix.EAGAIN) && follow:
			err = c.pause(ctx, 100*time.Millisecond)
		case errors.Is(err, unix.EAGAIN) || err == nil && n == 0:
			return nil
		case errors.Is(err, unix.EPIPE), errors.Is(err, unix.EINTR):
			continue // overwritten before it was read: the next one that is left
		case errors.Is(err, unix.EINVAL):
			return errors.New("/dev/kmsg: a record is longer than 8 KiB")
		case err == nil:
			c.Printf("%s", formatRecord(string(record[:n]), began))
			err = errors.Join(ctx.Err(), c.outputError())
		}
		if err != nil {
			return err
		}
	}
}

// setConsoleLevel makes messages of a severity below level, 1 to 8, reach the console.
func setConsoleLevel(level int) error {
	if level < 1 || level > 8 {
		return command.Usagef("level %d: 1 (only emergencies) to 8 (everything)", level)
	}
	// SYSLOG_ACTION_CONSOLE_LEVEL of syslog(2) takes the level as the buffer's length
	const consoleLevel = 8
	if _, err := syscall.Klogctl(consoleLevel, make([]byte, level)); err != nil {
		return fmt.Errorf("setting the console's level: %w", err)
	}
	return nil
}

// formatRecord reads a record of /dev/kmsg ("PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;TEXT",
// then lines that start with a blank: the device's properties, not shown), as the
// kernel's Documentation/ABI/testing/dev-kmsg says.
func formatRecord(record string, began time.Time) string {
	head, text, ok := strings.Cut(record, ";")
	fields := strings.Split(head, ",")
	if !ok || len(fields) < 3 {
		return record
	}
	text, _, _ = strings.Cut(text, "\n")
	micros, err := strconv.ParseUint(fields[2], 10, 64)
	if err != nil {
		return text + "\n"
	}
	stamp := fmt.Sprintf("[%5d.%06d] ", micros/1e6, micros%1e6)
	if !began.IsZero() {
		stamp = began.Add(time.Duration(micros) * time.Microsecond).Format("[Mon Jan _2 15:04:05 2006] ")
	}
	return stamp + strings.ReplaceAll(unescapeRecord(text), "\n", "\n"+strings.Repeat(" ", len(stamp))) + "\n"
}

// unescapeRecord restores bytes written as \x0a. Other control bytes stay
// escaped: a message is not to reprogram the terminal.
func unescapeRecord(text string) string {
	return strings.NewReplacer(`\x0a`, "\n", `\x09`, "\t", `\x5c`, `\`).Replace(text)
}
