package machine

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The machines of these tests start a boot sector from their disk, which is over in a tenth
// of the time of a kernel. The first instruction keeps the firmware, which
// reads the serial port at its timer's interrupts, from what is typed.
const (
	alone = "\xfa" // cli
	ready = "\xb0!" + write
	// wait for a key, and write it back
	echo = "\xba\xfd\x03" + // mov dx, 0x3fd
		"\xec\xa8\x01\x74\xfb" + // 1: in al, dx; test al, 1; jz 1
		"\xba\xf8\x03\xec" + // mov dx, 0x3f8; in al, dx
		write
	// write al, and wait until it is on the line
	write = "\xba\xf8\x03\xee" + // mov dx, 0x3f8; out dx, al
		"\xba\xfd\x03" + // mov dx, 0x3fd
		"\xec\xa8\x40\x74\xfb" // 1: in al, dx; test al, 0x40; jz 1
	reset   = "\xb0\xfe\xe6\x64\xf4"             // mov al, 0xfe; out 0x64, al; hlt
	off     = "\xba\x04\x06\xb8\x00\x20\xef\xf4" // mov dx, 0x604; mov ax, 0x2000; out dx, ax; hlt
	forever = "\xeb\xfe"                         // jmp .
)

// patience is how long these machines may run: for ever, as far as a test goes.
const patience = 10 * time.Minute

func TestMachineEnds(t *testing.T) {
	for _, c := range []struct{ name, code, want string }{
		{"reset", reset, Reboot},
		{"power off", off, PowerOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := startSector(t, c.code, patience)
			if reason, err := m.Wait(); err != nil || reason != c.want {
				t.Errorf("ended by %q, %v, want %q", reason, err, c.want)
			}
			if strings.Contains(m.Console.Text(), "No bootable device") {
				t.Error("the sector did not start")
			}
		})
	}
}

func TestMachineReadsItsKeyboard(t *testing.T) {
	m := startSector(t, alone+ready+echo+echo+reset, patience)
	if err := m.Expect(expression("!"), false); err != nil {
		t.Fatal(err)
	}
	if err := m.Type("\x03~"); err != nil {
		t.Fatal(err)
	}
	if err := m.Expect(expression("\x03~"), false); err != nil {
		t.Error(err)
	}
	if _, err := m.Wait(); err != nil {
		t.Error(err)
	}
}

// What the console shows goes to Hardware.Output as well, and what is read from
// Hardware.Keyboard to the console.
func TestMachineOnOtherStreams(t *testing.T) {
	keyboard, keys, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer keyboard.Close()
	defer keys.Close()
	var output bytes.Buffer
	m := start(t, alone+ready+echo+reset, Hardware{Output: &output, Keyboard: keyboard}, patience)
	if err := m.Expect(expression("!"), false); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.WriteString("~"); err != nil {
		t.Fatal(err)
	}
	if reason, err := m.Wait(); err != nil || reason != Reboot {
		t.Errorf("ended by %q, %v", reason, err)
	}
	if !bytes.Contains(output.Bytes(), []byte("!~")) || !bytes.Equal(output.Bytes(), m.Console.Raw()) {
		t.Errorf("output %q, console %q", output.Bytes(), m.Console.Raw())
	}
}

func TestSmallestMachines(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		b := boards[arch]
		if _, err := exec.LookPath(b.qemu); err != nil {
			t.Errorf("%v: ./test.sh installs it", err)
			continue
		}
		if !b.runs("tcg") {
			t.Errorf("%s: the smallest machine does not run", arch)
		}
		if b.runs("nonsense") {
			t.Errorf("%s: the smallest machine runs on nonsense", arch)
		}
	}
}

func TestTooManyArguments(t *testing.T) {
	_, err := Start(Hardware{Arch: "amd64", Kernel: "none", Arguments: strings.Repeat("x ", 1020)}, patience)
	if err == nil || !strings.Contains(err.Error(), "the kernel takes 2047") {
		t.Errorf("got %v", err)
	}
}

func TestUnknownArchitecture(t *testing.T) {
	_, err := Start(Hardware{Arch: "vax"}, patience)
	if err == nil || !strings.Contains(err.Error(), `board "vax"`) {
		t.Errorf("got %v", err)
	}
}

func TestMachineDoesNotRunForEver(t *testing.T) {
	m := startSector(t, forever, time.Second)
	if _, err := m.Wait(); err == nil || !strings.Contains(err.Error(), "in time") {
		t.Errorf("got %v", err)
	}
}

func TestPowerCut(t *testing.T) {
	m := startSector(t, forever, patience)
	m.Cut()
	if reason, err := m.Wait(); err == nil {
		t.Errorf("a machine without power ended by %s", reason)
	}
}

func TestMachineWithoutItsFiles(t *testing.T) {
	_, err := Start(Hardware{Arch: "amd64", Memory: 16, Kernel: "no-such-kernel", Initramfs: "none"}, patience)
	if err == nil || !strings.Contains(err.Error(), "no-such-kernel") {
		t.Errorf("got %v", err)
	}
}

// startSector starts a machine whose boot sector is code.
func startSector(t *testing.T, code string, limit time.Duration) *Machine {
	t.Helper()
	return start(t, code, Hardware{}, limit)
}

// start starts a machine with streams of its own, whose boot sector is code.
func start(t *testing.T, code string, hw Hardware, limit time.Duration) *Machine {
	t.Helper()
	data := make([]byte, 1<<20) // of less, SeaBIOS reads nothing
	copy(data, code)
	copy(data[510:], "\x55\xaa")
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(disk, data, 0o600); err != nil {
		t.Fatal(err)
	}
	hw.Arch, hw.Memory, hw.NICs = "amd64", 16, []string{Unplugged}
	hw.Disks = []Disk{{Name: "sector", File: disk}}
	m, err := Start(hw, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Cut)
	return m
}
