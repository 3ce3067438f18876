package main

import (
	"fmt"
	"maps"
	"slices"
)

// firmware is a kind of machine that boots from the network.
type firmware struct {
	arch string
	name string   // as package machine names it
	more []string // options of QEMU's
}

// onlyHTTP has EDK2 leave out PXE, which it tries first.
var onlyHTTP = []string{"-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=no",
	"-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=no"}

// firmwares are those that there are. SeaBIOS has iPXE on the card.
var firmwares = map[string]firmware{
	"bios":       {arch: "amd64", name: "bios"},
	"uefi":       {arch: "amd64", name: "uefi"},
	"http":       {arch: "amd64", name: "uefi", more: onlyHTTP},
	"arm64":      {arch: "arm64", name: "uefi"},
	"arm64-http": {arch: "arm64", name: "uefi", more: onlyHTTP},
}

func firmwareOf(name string) (firmware, error) {
	f, ok := firmwares[name]
	if !ok {
		return firmware{}, fmt.Errorf("no firmware is named %s: there are %v", name, slices.Sorted(maps.Keys(firmwares)))
	}
	return f, nil
}

// options are QEMU's for who the machine is, and for the network card at a tap device.
func (f firmware) options(tap string) []string {
	card := "virtio-net-pci,netdev=lan,mac=" + mac + ",bootindex=0"
	if f.name != "bios" {
		card += ",romfile="
	}
	return append([]string{"-netdev", "tap,id=lan,script=no,downscript=no,ifname=" + tap, "-device", card, "-uuid", uuid,
		"-smbios", "type=1,uuid=" + uuid + ",serial=" + serial, "-object", "rng-random,id=rng,filename=/dev/urandom",
		"-device", "virtio-rng-pci,rng=rng"}, f.more...)
}
