package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// firmware is a kind of machine that boots from the network.
type firmware struct {
	arch string
	code string   // a file of Debian's packages; "": SeaBIOS, with iPXE on the card
	vars string   // what a copy of is the firmware's memory
	more []string // options of QEMU's
}

// onlyHTTP has EDK2 leave out PXE, which it tries first.
var onlyHTTP = []string{"-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=no",
	"-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=no"}

const (
	ovmf  = "/usr/share/OVMF/OVMF_CODE_4M.fd"
	aavmf = "/usr/share/AAVMF/AAVMF_CODE.fd"
)

// firmwares are those that there are.
var firmwares = map[string]firmware{
	"bios":       {arch: "amd64"},
	"uefi":       {arch: "amd64", code: ovmf, vars: "/usr/share/OVMF/OVMF_VARS_4M.fd"},
	"http":       {arch: "amd64", code: ovmf, vars: "/usr/share/OVMF/OVMF_VARS_4M.fd", more: onlyHTTP},
	"arm64":      {arch: "arm64", code: aavmf, vars: "/usr/share/AAVMF/AAVMF_VARS.fd"},
	"arm64-http": {arch: "arm64", code: aavmf, vars: "/usr/share/AAVMF/AAVMF_VARS.fd", more: onlyHTTP},
}

func firmwareOf(name string) (firmware, error) {
	f, ok := firmwares[name]
	if !ok {
		return firmware{}, fmt.Errorf("no firmware is named %s: there are %v", name, slices.Sorted(maps.Keys(firmwares)))
	}
	return f, nil
}

// hardware returns QEMU's options for the firmware and for the network card at a tap device.
func (f firmware) hardware(work, tap string) ([]string, error) {
	card := "virtio-net-pci,netdev=lan,mac=" + mac + ",bootindex=0"
	options := append([]string{"-netdev", "tap,id=lan,script=no,downscript=no,ifname=" + tap, "-uuid", uuid,
		"-smbios", "type=1,uuid=" + uuid + ",serial=" + serial, "-object", "rng-random,id=rng,filename=/dev/urandom",
		"-device", "virtio-rng-pci,rng=rng"}, f.more...)
	if f.code == "" {
		return append(options, "-device", card), nil
	}
	vars := filepath.Join(work, "vars")
	content, err := os.ReadFile(f.vars)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(vars, content, 0o600); err != nil {
		return nil, err
	}
	return append(options, "-device", card+",romfile=",
		"-drive", "if=pflash,format=raw,readonly=on,file="+f.code, "-drive", "if=pflash,format=raw,file="+vars), nil
}
