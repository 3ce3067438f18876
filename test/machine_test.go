package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The machines of these tests start a boot sector from their disk, which is
// over in a tenth of the time of a kernel.
const (
	// in16 of the serial port: wait for a key, and write it back
	echo = "\xba\xfd\x03" + // mov dx, 0x3fd
		"\xec\xa8\x01\x74\xfb" + // 1: in al, dx; test al, 1; jz 1
		"\xba\xf8\x03\xec\xee" // mov dx, 0x3f8; in al, dx; out dx, al
	reset   = "\xb0\xfe\xe6\x64\xf4"             // mov al, 0xfe; out 0x64, al; hlt
	off     = "\xba\x04\x06\xb8\x00\x20\xef\xf4" // mov dx, 0x604; mov ax, 0x2000; out dx, ax; hlt
	forever = "\xeb\xfe"                         // jmp .
)

func TestMachineEnds(t *testing.T) {
	for _, c := range []struct{ name, code, want string }{
		{"reset", reset, endReboot},
		{"power off", off, endPowerOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := startSector(t, c.code, time.Minute)
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
	m := startSector(t, echo+echo+reset, time.Minute)
	if err := m.Console.Expect(expression("Booting from Hard Disk"), false, m.deadline); err != nil {
		t.Fatal(err)
	}
	if err := m.Type("\x03~"); err != nil {
		t.Fatal(err)
	}
	if err := m.Console.Expect(expression("\x03~"), false, m.deadline); err != nil {
		t.Error(err)
	}
	if _, err := m.Wait(); err != nil {
		t.Error(err)
	}
}

func TestMachineDoesNotRunForEver(t *testing.T) {
	m := startSector(t, forever, time.Second)
	if _, err := m.Wait(); err == nil || !strings.Contains(err.Error(), "in time") {
		t.Errorf("got %v", err)
	}
}

func TestPowerCut(t *testing.T) {
	m := startSector(t, forever, time.Minute)
	m.Cut()
	if reason, err := m.Wait(); err == nil {
		t.Errorf("a machine without power ended by %s", reason)
	}
}

func TestMachineWithoutItsFiles(t *testing.T) {
	_, err := Start(Hardware{Memory: 16, Kernel: "no-such-kernel", Initramfs: "none"}, time.Minute)
	if err == nil || !strings.Contains(err.Error(), "no-such-kernel") {
		t.Errorf("got %v", err)
	}
}

// startSector starts a machine whose boot sector is code.
func startSector(t *testing.T, code string, limit time.Duration) *Machine {
	t.Helper()
	data := make([]byte, 1<<20) // of less, SeaBIOS reads nothing
	copy(data, code)
	copy(data[510:], "\x55\xaa")
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(disk, data, 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Start(Hardware{Memory: 16, Disks: []Disk{{Name: "sector", File: disk}}, NICs: []string{nicUnplugged}}, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Cut)
	return m
}
