// Package load holds what a boot loader gives to a machine: a kernel, archives and words. What
// carries them is the work of the packages beside it.
package load

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"bootrc/init/cmdline"
)

// Set is what a boot loader gives to a machine.
type Set struct {
	Arch      string   // as Go names it
	Kernel    string   // the file that a boot loader starts
	Initramfs string   // the file of the base initramfs
	Drivers   string   // of the archive that belongs to the kernel; "": none
	Hooks     string   // the folder of more hooks; "": none
	Words     []string // the arguments, as a person typed them
	Late      bool     // bootrc reads its arguments only when drivers were loaded
	Besides   string   // what the boot loader puts onto the kernel's line, too
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
		if s.isOwn(word) {
			b.WriteString(quoted(word) + "\n")
		}
	}
	return b.String()
}

// Line is the kernel's command line: the words of others than bootrc, and what counts there alone.
func (s Set) Line() (string, error) {
	var words []string
	for _, word := range s.Words {
		if s.isOwn(word) {
			continue
		}
		if strings.ContainsAny(word, "\"'\\$ \t\n") {
			return "", fmt.Errorf("%s: a word for the kernel cannot have white space, quotes, backslashes or $ in it", word)
		}
		words = append(words, word)
	}
	return s.fitting(words)
}

// CommandLine is all words on one line, for a loader that has no other place for them.
func (s Set) CommandLine() (string, error) {
	words := make([]string, len(s.Words))
	for i, word := range s.Words {
		words[i] = quoted(word)
	}
	return s.fitting(words)
}

// fitting is the line of words, which the kernel must have room for.
func (s Set) fitting(words []string) (string, error) {
	line := strings.Join(words, " ")
	if most := LineLimit(s.Arch) - len(s.Besides); len(line) > most {
		return "", fmt.Errorf("the kernel's command line would have %d bytes, and takes %d: bootrc's arguments can stand elsewhere (docs/configuration.md)", len(line), most)
	}
	return line, nil
}

// LineLimit is how many bytes a kernel's command line can have: COMMAND_LINE_SIZE of the architecture, less a zero.
func LineLimit(arch string) int {
	switch arch {
	case "arm", "riscv64":
		return 1023
	}
	return 2047
}

// IsOwn tells whether bootrc reads an argument of that name from a file, too.
func IsOwn(name string) bool {
	return strings.HasPrefix(name, "b2c.") && !slices.Contains(cmdline.LineOnly, name)
}

// isOwn tells whether a word goes into the file.
func (s Set) isOwn(word string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(word, `"`), "=")
	if a := cmdline.Lookup(name); s.Late && a != nil && a.Name == "b2c.modules" {
		return false
	}
	return IsOwn(name)
}

// quoted puts a word with white space between double quotes, unless it has some of its own.
func quoted(word string) string {
	if strings.ContainsAny(word, " \t\n\v\f\r#") && !strings.Contains(word, `"`) {
		return `"` + word + `"`
	}
	return word
}
