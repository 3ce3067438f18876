package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A line of the console, and when it came, since QEMU was started.
type line struct {
	At   time.Duration
	Text string
}

// A boot is what the console showed of one.
type boot struct {
	Console []line
	// Init and First are on the kernel's clock: when it ran /init, and when the
	// container's program read /proc/uptime.
	Init, First time.Duration
	// Available is the memory, in bytes, that the kernel could still give after that.
	Available int64
	// Used is what lies between the arrival of these two lines.
	Used load

	initAt, firstAt moment
}

// ToFirst is the time from /init to the container's first instruction.
func (b *boot) ToFirst() time.Duration { return b.First - b.Init }

// What the kernel and the container's program say.
var (
	initLine  = regexp.MustCompile(`^\[ *(\d+\.\d+)\] Run /init as init process`)
	firstLine = regexp.MustCompile(`first instruction at (\d+\.\d+)`)
	availLine = regexp.MustCompile(`^MemAvailable: +(\d+) kB`)
)

// note takes the console's next line, just when it came from the process qemu.
func (b *boot) note(l line, qemu int) {
	b.Console = append(b.Console, l)
	if t, ok := seconds(initLine, l.Text); ok {
		b.Init, b.initAt = t, now(qemu)
	}
	if t, ok := seconds(firstLine, l.Text); ok {
		b.First, b.firstAt = t, now(qemu)
		b.Used = b.firstAt.since(b.initAt)
	}
	if match := availLine.FindStringSubmatch(l.Text); match != nil {
		kib, _ := strconv.ParseInt(match[1], 10, 64)
		b.Available = kib << 10
	}
}

// seconds is the number in text that pattern's one group matches.
func seconds(pattern *regexp.Regexp, text string) (time.Duration, bool) {
	match := pattern.FindStringSubmatch(text)
	if match == nil {
		return 0, false
	}
	t, err := time.ParseDuration(match[1] + "s")
	return t, err == nil
}

// tail is the console's last lines.
func (b *boot) tail(n int) string {
	var text strings.Builder
	for _, l := range b.Console[max(0, len(b.Console)-n):] {
		fmt.Fprintf(&text, "%8.3f  %s\n", l.At.Seconds(), l.Text)
	}
	return text.String()
}
