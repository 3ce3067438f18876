package extraargs

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestFill(t *testing.T) {
	dmi := t.TempDir()
	for name, content := range map[string]string{"product_serial": "AB 1/2?&\n", "product_uuid": "0d5e7a0c-1f2e-4c3d-8b4a-5f6e7d8c9b0a\n"} {
		if err := os.WriteFile(filepath.Join(dmi, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	facts := Facts{
		DMI:      dmi,
		Hardware: func() (net.HardwareAddr, error) { return net.ParseMAC("52:54:00:12:34:56") },
		Hostname: func() (string, error) { return "", errors.New("no name yet") },
	}
	for _, tt := range []struct{ url, want, err string }{
		{"http://h/args", "http://h/args", ""},
		{"http://h/$mac/$", "http://h/$mac/$", ""},
		{"http://h/${mac}", "http://h/52:54:00:12:34:56", ""},
		{"http://h/${mac:hexhyp}?uuid=${uuid}", "http://h/52-54-00-12-34-56?uuid=0d5e7a0c-1f2e-4c3d-8b4a-5f6e7d8c9b0a", ""},
		{"http://h/${serial}", "http://h/AB%201%2F2%3F%26", ""},
		{"s3://a/b/${arch}", "s3://a/b/" + runtime.GOARCH, ""},
		{"http://h/${hostname}", "", "${hostname}: no name yet"},
		{"http://h/${ip}", "", "${ip}: unknown; there are mac, mac:hexhyp, serial, uuid, hostname and arch"},
		{"http://h/${mac", "", "${mac: a } is missing"},
	} {
		got, err := Fill(tt.url, facts)
		checkResult(t, tt.url, got, err, tt.want, tt.err)
	}
}

// A board has no DMI, but a device tree; the former's error is the one that is told.
func TestSerialNumberOfABoard(t *testing.T) {
	tree := t.TempDir()
	board := Facts{DMI: filepath.Join(tree, "none"), DeviceTree: tree}
	for _, value := range []string{"${uuid}", "${serial}"} {
		if _, err := Fill(value, board); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "none/product_") {
			t.Errorf("%s of a board without: %v", value, err)
		}
	}
	number := filepath.Join(tree, "serial-number")
	for content, want := range map[string]string{"10000000 b0a2d4e5\x00": "10000000%20b0a2d4e5", "\x00": ""} {
		if err := os.WriteFile(number, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Fill("${serial}", board)
		wrong := ""
		if want == "" {
			wrong = "${serial}: this machine's firmware does not tell: " + number + " is empty"
		}
		checkResult(t, content, got, err, want, wrong)
	}
}
