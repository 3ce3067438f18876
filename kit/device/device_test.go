package device

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootrc/kit/command"
)

func TestParseEvent(t *testing.T) {
	const message = "add@/devices/pci0000:00/usb1\x00ACTION=add\x00DEVPATH=/devices/pci0000:00/usb1\x00SUBSYSTEM=usb\x00MODALIAS=usb:v1D6B\x00EMPTY=\x00"
	e, ok := ParseEvent([]byte(message))
	if !ok || e.Action != "add" || e.Path != "/devices/pci0000:00/usb1" {
		t.Errorf("%+v, %v", e, ok)
	}
	for key, want := range map[string]string{"SUBSYSTEM": "usb", "MODALIAS": "usb:v1D6B", "EMPTY": "", "SYSTEM": "", "ALIAS": ""} {
		if got := e.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	for _, other := range []string{"", "libudev\x00\xfe\xed\xca\xfe", "add", "\x00@"} {
		if e, ok := ParseEvent([]byte(other)); ok {
			t.Errorf("%q passes for an event: %+v", other, e)
		}
	}
}

// sys makes a folder like /sys of files.
func sys(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			if err := os.Symlink(target, file); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestHardware(t *testing.T) {
	root := sys(t, map[string]string{
		"bus/pci/devices/0000:00:03.0/modalias": "pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00\n",
		"bus/pci/devices/0000:00:03.0/driver":   "-> ../../../bus/pci/drivers/e1000",
		"bus/pci/devices/0000:00:04.0/modalias": "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01\n",
		"bus/pci/devices/0000:00:05.0/modalias": "pci:v00001234d00001111sv00001AF4sd00001100bc03sc00i00\n",
		"bus/usb/devices/1-1:1.0/modalias":      "usb:v0BDAp8153d3100dc00dsc00dp00icFFiscFFip00in00\n",
		"bus/mmc/devices/mmc0:4567/uevent":      "MMC_TYPE=SD\nMODALIAS=mmc:block\n",
		"bus/cpu/devices/cpu0/uevent":           "MODALIAS=cpu:type:x86\n",
		"devices/system/cpu/modalias":           "cpu:type:x86,ven0000\n",
	})
	var lines []string
	for _, d := range Hardware(root, Storage, Network) {
		lines = append(lines, d.String())
	}
	want := `mmc mmc0:4567 (mmc:block): no driver
pci 0000:00:03.0 (8086:100e): driver e1000
pci 0000:00:04.0 (8086:2922): no driver
usb 1-1:1.0 (0bda:8153): no driver`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	processors := 0
	Walk(root, func(_, alias string) {
		if strings.HasPrefix(alias, "cpu:") {
			processors++
		}
	})
	if processors != 1 {
		t.Errorf("the processors are found %d times, want once", processors)
	}
}

func TestWait(t *testing.T) {
	asked := 0
	if err := Wait(t.Context(), func() bool { asked++; return asked == 3 }); err != nil || asked != 3 {
		t.Errorf("asked %d times, error %v", asked, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := Wait(ctx, func() bool { cancel(); return false }, "block")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}

func TestWaitFor(t *testing.T) {
	kind := Awaited{
		Kind: "disk", Names: "NAME", Seen: func() string { return "\n  nothing" },
		Wait: func(ctx context.Context, name string) (string, error) {
			if name == "bad" {
				return "", errors.New("bad: no such name")
			}
			return "/dev/" + name, Wait(ctx, func() bool { return name == "sda" })
		},
	}
	for _, test := range []struct{ args, stdout, stderr string }{
		{"disk sda", "/dev/sda\n", ""},
		{"disk sda -t 1m", "/dev/sda\n", ""},
		{"disk -t 0.1 sdb", "", "wait-for: disk sdb did not appear within 100ms; seen so far:\n  nothing\n"},
		{"disk bad", "", "wait-for: bad: no such name\n"},
		{"disk -t x sda", "", `wait-for: -t: "x" is not a time`},
		{"tape st0", "", `wait-for: expected disk, got "tape"`},
	} {
		var out, errs bytes.Buffer
		c := Commands(kind)[0]
		status := c.Execute(t.Context(), &command.Call{Name: c.Name, Args: strings.Fields(test.args), Dir: "/", Stdout: &out, Stderr: &errs})
		if out.String() != test.stdout || !strings.HasPrefix(errs.String(), test.stderr) || (status == 0) != (test.stderr == "") {
			t.Errorf("%s: status %d, %q, %q; want %q, %q", test.args, status, out.String(), errs.String(), test.stdout, test.stderr)
		}
	}
}

// The kernel tells of a change as soon as it is asked to.
func TestListen(t *testing.T) {
	events, err := Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const device = "/sys/class/mem/null"
	if err := os.WriteFile(device+"/uevent", []byte("change"), 0); err != nil {
		t.Fatal(err)
	}
	for late := time.After(time.Minute); ; {
		select {
		case e := <-events:
			if e.Action == "change" && e.Get("DEVNAME") == "null" && e.Get("SUBSYSTEM") == "mem" {
				return
			}
		case <-late:
			t.Fatal("no event came")
		}
	}
}
