package machine

import (
	"fmt"
	"maps"
	"slices"
)

// firmware is what starts a machine from its disks.
type firmware struct {
	machine  string   // -M, in place of the board's
	code     string   // UEFI's program; "": the firmware is QEMU's own for the board
	vars     string   // its variables as they are at first; no machine changes the file
	settings []string // more of QEMU's options
}

// firmwares are by architecture and name. secure-boot has Microsoft's keys, as machines are
// sold; snakeoil those of Debian's package ovmf, whose private half is in it.
var firmwares = map[string]firmware{
	"amd64 bios": {},
	"amd64 uefi": {machine: "q35", code: "/usr/share/OVMF/OVMF_CODE_4M.fd", vars: "/usr/share/OVMF/OVMF_VARS_4M.fd"},
	"amd64 secure-boot": {machine: "q35,smm=on", code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", vars: "/usr/share/OVMF/OVMF_VARS_4M.ms.fd",
		settings: secure},
	"amd64 snakeoil": {machine: "q35,smm=on", code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", vars: "/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd",
		settings: secure},
	"arm64 uefi":        {code: "/usr/share/AAVMF/AAVMF_CODE.fd", vars: "/usr/share/AAVMF/AAVMF_VARS.fd"},
	"arm64 secure-boot": {code: "/usr/share/AAVMF/AAVMF_CODE.ms.fd", vars: "/usr/share/AAVMF/AAVMF_VARS.ms.fd"},
	"arm64 u-boot":      {settings: []string{"-bios", "/usr/lib/u-boot/qemu_arm64/u-boot.bin"}},
	"arm u-boot":        {settings: []string{"-bios", "/usr/lib/u-boot/qemu_arm/u-boot.bin"}},
	// below it is QEMU's own OpenSBI
	"riscv64 u-boot": {settings: []string{"-kernel", "/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin"}},
}

// secure has only the firmware change its variables.
var secure = []string{"-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"}

// firmwareOf returns the firmware of that name for a board.
func firmwareOf(b board, name string) (firmware, error) {
	f, ok := firmwares[b.arch+" "+name]
	if !ok {
		return firmware{}, fmt.Errorf("%s: no such firmware; there are %v", name, slices.Sorted(maps.Keys(firmwares)))
	}
	return f, nil
}

// options are QEMU's options for it.
func (f firmware) options() []string {
	if f.code == "" {
		return f.settings
	}
	return append([]string{
		"-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + f.code,
		"-drive", "if=pflash,unit=1,format=raw,snapshot=on,file=" + f.vars,
	}, f.settings...)
}
