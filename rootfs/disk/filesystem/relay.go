package filesystem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bootrc/kit/foreign"

	"golang.org/x/sys/unix"
)

// noticeLevel is what the console's level has to be above for the kernel's notices (kern_levels.h) to show.
const noticeLevel = 5

// relay writes, until life ends, what the kernel says of NFS servers: that one does not answer, and that it does
// again. It says that as a notice, which `quiet` on its command line keeps off the console.
func relay(life context.Context, to io.Writer) {
	if shown() {
		return
	}
	kernel, err := os.Open("/dev/kmsg")
	if err != nil {
		return // not permitted, and so on a workstation
	}
	if _, err := kernel.Seek(0, io.SeekEnd); err != nil {
		kernel.Close()
		return
	}
	context.AfterFunc(life, func() { kernel.Close() })
	go copyNotices(to, kernel)
}

// shown tells whether the console shows notices by itself.
func shown() bool {
	levels, err := os.ReadFile("/proc/sys/kernel/printk")
	var console int
	_, scanned := fmt.Sscan(string(levels), &console)
	return err == nil && scanned == nil && console > noticeLevel
}

// copyNotices copies what records of /dev/kmsg say of NFS servers, and no text twice in a row. A read returns one
// record, and fails where the next one has been overwritten (dev-kmsg in the kernel's ABI/testing).
func copyNotices(to io.Writer, kernel *os.File) {
	last := ""
	record := make([]byte, 8<<10)
	for {
		n, err := kernel.Read(record)
		if errors.Is(err, unix.EPIPE) {
			continue
		}
		if err != nil {
			return
		}
		if text := notice(string(record[:n])); text != "" && text != last {
			fmt.Fprintln(to, text)
			last = text
		}
	}
}

// notice returns what a record says of an NFS server, or "".
func notice(record string) string {
	_, text, _ := strings.Cut(record, ";")
	text, _, _ = strings.Cut(text, "\n")
	if !strings.HasPrefix(text, "nfs: server ") {
		return ""
	}
	return foreign.Line(text)
}
