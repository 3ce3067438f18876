// Package tools is the basic commands of the shell: files, text, processes,
// mounts and disks, for hooks and for a person at a broken machine. There is
// no busybox beside it.
//
// Each command follows POSIX.1-2024 (XCU, chapter 3) where that has it, and
// else the tool of the same name in GNU coreutils, procps or util-linux, with
// the options that an initramfs has a use for and no others. Text is bytes, as
// in the C locale. An interrupted command ends with status 130, one whose
// reader went away silently with 141.
package tools

import (
	"slices"

	"bootrc/kit/command"
)

// Commands returns every command of this package.
func Commands() []command.Command {
	return slices.Concat(
		fileCommands(), archiveCommands(), pathCommands(),
		textCommands(), runCommands(), processCommands(),
		machineCommands(), mountCommands(), deviceCommands(),
		fetchCommands(), powerCommands(), keymapCommands(),
	)
}
