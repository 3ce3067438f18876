package machine

import "fmt"

// board is the machine of an architecture, as QEMU knows it.
type board struct {
	qemu      string // the program
	name      string // -M
	cpu       string // -cpu, where the translator runs it
	threads   string // of the translator
	console   string // the serial port, as the kernel names it
	arguments string // what the kernel needs besides, to run well under QEMU

	// smallest is a program that ends the machine at once, and start the option, up to
	// the file's name, that has QEMU start it.
	smallest []byte
	start    []string
}

// boards are the machines that there are, by Go's name of the architecture.
var boards = map[string]board{
	"amd64": {
		qemu: "qemu-system-x86_64", name: "pc", cpu: "max",
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
		qemu: "qemu-system-aarch64", name: "virt",
		cpu:     "max,pauth-impdef=on", // the architecture's own pointer authentication is slow in software
		threads: "multi",
		console: "ttyAMA0",
		// PSCI's SYSTEM_OFF: mov w0, #8; movk w0, #0x8400, lsl #16; hvc #0
		smallest: []byte{0x00, 0x01, 0x80, 0x52, 0x00, 0x80, 0xb0, 0x72, 0x02, 0x00, 0x00, 0xd4},
		start:    []string{"-kernel", ""},
	},
}

// boardOf returns the board of an architecture.
func boardOf(arch string) (board, error) {
	b, ok := boards[arch]
	if !ok {
		return board{}, fmt.Errorf("architecture %q: there are machines for amd64 and arm64", arch)
	}
	return b, nil
}
