package tree

import (
	"fmt"
	"slices"
	"strings"
)

// entry is boot.ipxe: it has a machine ask for its own script. Where the server knows nothing of
// machines, that is the first of several files that is there.
func (t *Tree) entry() string {
	choice := "chain --autofree machines/${netX/mac:hexhyp}_${uuid}_${serial:uristring}.ipxe || goto again"
	if t.static {
		var tries []string
		for _, name := range []string{"${netX/mac:hexhyp}", "${uuid}", "${serial}", "default"} {
			tries = append(tries, "imgfetch --name machine machines/"+name+".ipxe")
		}
		choice = strings.Join(append(tries, "goto again"), " || ") + "\nimgexec machine || goto again"
	}
	return `#!ipxe
# boot.ipxe boots the machine into containers: https://ipxe.org for what iPXE is.
set arch amd64
iseq ${buildarch} arm64 && set arch arm64 ||
:start
imgfree
` + choice + `
:again
echo This machine did not boot: what failed stands above. Once more in 10 seconds.
sleep 10
goto start
`
}

// script boots a machine. "initrd=" is for UEFI, where a kernel asks for its files by name.
func script(a arguments) (string, error) {
	if err := speakable(a.line); err != nil {
		return "", fmt.Errorf("%s: %w", a.from, err)
	}
	name := strings.TrimPrefix(a.from, "arguments/")
	return `#!ipxe
# The arguments are those of ` + a.from + `.
kernel ../${arch}/vmlinuz ` + initrds + a.line + `
initrd --name initramfs ../${arch}/initramfs
initrd --name machine.cpio ` + key(name) + `.cpio
boot
`, nil
}

// speakable refuses what iPXE would take for its own: it has no quotes.
func speakable(line string) error {
	words := strings.Split(line, " ")
	for _, own := range []string{"&&", "||", ";"} {
		if slices.Contains(words, own) {
			return fmt.Errorf("iPXE takes %q for its own: only bootrc's arguments can have it", own)
		}
	}
	if strings.Contains(line, "${") {
		return fmt.Errorf(`iPXE takes "${" for its own: only bootrc's arguments can have it`)
	}
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) || strings.Contains(line, "  ") {
		return fmt.Errorf("iPXE keeps no white space but single spaces: only bootrc's arguments can have it")
	}
	return nil
}
