// Package lastboot finds out why the machine's last boot ended: from what the
// kernel kept of a panic (pstore), from the watchdog that reset the machine, and
// from the diary that the boot keeps on the cache.
package lastboot

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Sources is where the last boot may have left word.
type Sources struct {
	Pstore   string // where pstore is mounted: "/sys/fs/pstore"
	Watchdog string // the kernel's class of watchdogs: "/sys/class/watchdog"
	Diary    string // the file of Diary, or ""
}

// Reasons says in a sentence each why the last boot ended, as far as that is known;
// nothing about a boot that came to its end or left no trace. What pstore holds is
// removed: its memory is small, and the next boot must not see it again.
func (s Sources) Reasons() []string {
	return slices.Concat(panics(s.Pstore), resets(s.Watchdog), unfinished(s.Diary))
}

// maxRecord bounds what is read of a record of pstore: firmware and kernels that
// crashed wrote it.
const maxRecord = 1 << 20

// panics reads the records of kernels that died (the kernel's
// Documentation/admin-guide/ramoops.rst).
func panics(folder string) []string {
	records, _ := filepath.Glob(filepath.Join(folder, "dmesg-*"))
	var found []string
	for _, record := range records {
		if line := causeIn(record); line != "" {
			found = append(found, fmt.Sprintf("the kernel of the last boot died: %s", line))
		}
		os.Remove(record)
	}
	return slices.Compact(found)
}

// causes are what a kernel says when it dies, the most telling first.
var causes = []string{"Kernel panic - not syncing", "BUG: ", "Oops: ", "general protection fault"}

func causeIn(record string) string {
	f, err := os.Open(record)
	if err != nil {
		return ""
	}
	defer f.Close()
	text := make([]byte, maxRecord)
	n, _ := f.Read(text)
	for _, cause := range causes {
		if at := bytes.Index(text[:n], []byte(cause)); at >= 0 {
			line, _, _ := bytes.Cut(text[at:n], []byte("\n"))
			return strings.TrimSpace(string(line))
		}
	}
	return ""
}

// cardReset is WDIOF_CARDRESET of the kernel's watchdog-api.rst: the card reset
// the machine last.
const cardReset = 0x20

func resets(class string) []string {
	devices, _ := filepath.Glob(filepath.Join(class, "watchdog*"))
	var found []string
	for _, device := range devices {
		status, err := strconv.ParseUint(attribute(device, "bootstatus"), 0, 32)
		if err == nil && status&cardReset != 0 {
			found = append(found, fmt.Sprintf("the watchdog (%s) reset the machine: the last boot was stuck",
				attribute(device, "identity")))
		}
	}
	return found
}

func attribute(device, name string) string {
	text, _ := os.ReadFile(filepath.Join(device, name))
	return strings.TrimSpace(string(text))
}

func unfinished(diary string) []string {
	if diary == "" {
		return nil
	}
	if line := readDiary(diary); line != "" {
		return []string{line}
	}
	return nil
}
