// Package load holds what a boot loader gives to a machine: a kernel, archives and words. What
// carries them is the work of the packages beside it.
package load

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Set is what a boot loader gives to a machine.
type Set struct {
	Arch      string   // as Go names it
	Kernel    string   // the file that a boot loader starts
	Initramfs string   // the file of the base initramfs
	Drivers   string   // of the archive that belongs to the kernel; "": none
	Hooks     string   // the folder of more hooks; "": none
	Words     []string // the arguments, as a person typed them
}

// Archives are the files that the kernel gets as one initramfs, in their order.
func (s Set) Archives() []string {
	if s.Drivers == "" {
		return []string{s.Initramfs}
	}
	return []string{s.Initramfs, s.Drivers}
}

// KernelName, InitramfsName and DriversName are the files' names on every medium: those that
// mkinitramfs.sh gives them, so that a new one is copied over the old.
func (s Set) KernelName() string { return "vmlinuz.linux_" + s.Arch }

// InitramfsName is the base initramfs's.
func (s Set) InitramfsName() string {
	return "initramfs.linux_" + s.Arch + ".cpio" + strings.TrimPrefix(filepath.Ext(s.Initramfs), ".cpio")
}

// DriversName is the archive's.
func (s Set) DriversName() string { return "drivers.linux_" + s.Arch + ".cpio" }

// Own are bootrc's arguments, one a line as a file of arguments has them. They need not stand on the
// kernel's line, which has an end and which everybody can read.
func (s Set) Own() string {
	var b strings.Builder
	for _, word := range s.Words {
		if isOwn(word) {
			b.WriteString(quoted(word) + "\n")
		}
	}
	return b.String()
}

// Line is the kernel's command line: the words of others than bootrc, and what PID 1 reads itself.
func (s Set) Line() (string, error) {
	var words []string
	for _, word := range s.Words {
		if isOwn(word) {
			continue
		}
		if strings.ContainsAny(word, "\"'\\$ \t\n") {
			return "", fmt.Errorf("%s: a word for the kernel cannot have white space, quotes, backslashes or $ in it", word)
		}
		words = append(words, word)
	}
	return strings.Join(words, " "), nil
}

// CommandLine is all words on one line, for a loader that has no other place for them.
func (s Set) CommandLine() string {
	words := make([]string, len(s.Words))
	for i, word := range s.Words {
		words[i] = quoted(word)
	}
	return strings.Join(words, " ")
}

// isOwn tells whether bootrc reads a word from a file, too.
func isOwn(word string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(word, `"`), "=")
	return strings.HasPrefix(name, "b2c.") && name != "b2c.watchdog" && name != "b2c.on_crash"
}

// quoted puts a word with white space between double quotes, unless it has some of its own.
func quoted(word string) string {
	if strings.ContainsAny(word, " \t\n\v\f\r#") && !strings.Contains(word, `"`) {
		return `"` + word + `"`
	}
	return word
}
