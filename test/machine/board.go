package machine

import (
	"fmt"
	"maps"
	"slices"
)

// board is a kind of machine, as QEMU knows it.
type board struct {
	arch      string // as Go names it
	qemu      string // the program
	name      string // -M
	cpus      int
	cpu       string // -cpu, where the translator runs it
	threads   string // of the translator
	console   string // the serial port, as the kernel names it
	ports     int    // serial ports before that one
	nic       string // -device of a network card that no scenario names
	arguments string // what the kernel needs besides, to run well under QEMU

	// smallest is a program that ends the machine at once, and start the option, up to
	// the file's name, that has QEMU start it; only for each architecture's usual board.
	smallest []byte
	start    []string
}

const usualCard = "virtio-net-pci"

// boards are the known machines: the usual ones by Go's name of the architecture, the
// others by QEMU's own.
var boards = map[string]board{
	"amd64": {
		arch: "amd64", qemu: "qemu-system-x86_64", name: "pc", cpus: 2, cpu: "max", nic: usualCard,
		// The translator has one thread for both CPUs. With two, one CPU can still run into
		// a breakpoint that the kernel, on the other, has already patched away again, which
		// ends about one boot in fifty with "Oops: int3" long before /init.
		threads: "single",
		console: "ttyS0",
		// The kernel gives the timer a tenth of a second to interrupt it, which a busy host
		// may need for something else, and panics with "IO-APIC + timer doesn't work!".
		arguments: "no_timer_check",
		// a boot sector: mov al, 0xfe; out 0x64, al; hlt
		smallest: append(append([]byte{0xb0, 0xfe, 0xe6, 0x64, 0xf4}, make([]byte, 505)...), 0x55, 0xaa),
		start:    []string{"-drive", "if=ide,format=raw,snapshot=on,file="},
	},
	"arm64": {
		arch: "arm64", qemu: "qemu-system-aarch64", name: "virt", cpus: 2, nic: usualCard,
		cpu:     "max,pauth-impdef=on", // the architecture's own pointer authentication is slow in software
		threads: "multi",
		console: "ttyAMA0",
		// PSCI's SYSTEM_OFF: mov w0, #8; movk w0, #0x8400, lsl #16; hvc #0
		smallest: []byte{0x00, 0x01, 0x80, 0x52, 0x00, 0x80, 0xb0, 0x72, 0x02, 0x00, 0x00, 0xd4},
		start:    []string{"-kernel", ""},
	},
	// what only a newer QEMU has
	"pc-backports": {
		arch: "amd64", qemu: "qemu-backports", name: "pc", cpus: 2, cpu: "max", threads: "single",
		console: "ttyS0", nic: "igb", arguments: "no_timer_check",
	},
	// without LPAE, which Debian's usual kernel has not, PCI must be below 4 GiB
	"arm": {
		arch: "arm", qemu: "qemu-system-arm", name: "virt,highmem=off", cpus: 2, cpu: "max", threads: "multi", nic: usualCard,
		console: "ttyAMA0",
	},
	"riscv64": {
		arch: "riscv64", qemu: "qemu-system-riscv64", name: "virt", cpus: 2, cpu: "rv64", threads: "multi", nic: usualCard,
		console: "ttyS0",
	},
	// no PCI: virtio's devices are at addresses that the kernel's command line or ACPI tells
	"microvm": {
		arch: "amd64", qemu: "qemu-system-x86_64", name: "microvm", cpus: 2, cpu: "max", threads: "single",
		console: "ttyS0", nic: "virtio-net-device",
	},
	// the console is on the small one of two serial ports, since the other is Bluetooth's
	"raspi3b": {
		arch: "arm64", qemu: "qemu-system-aarch64", name: "raspi3b", cpus: 4, cpu: "cortex-a53", threads: "multi",
		console: "ttyS1,115200", ports: 1, nic: "usb-net",
	},
}

// boardOf returns the board of that name, or of an architecture.
func boardOf(name string) (board, error) {
	b, ok := boards[name]
	if !ok {
		return board{}, fmt.Errorf("board %q: there are %v", name, slices.Sorted(maps.Keys(boards)))
	}
	return b, nil
}
