package boot

import (
	"strings"
	"testing"

	"bootrc/init/cmdline"
)

// What the bundled hooks have used before the one that brings further arguments.
func TestTooLate(t *testing.T) {
	const folder, now = "../../hooks", "40-config.sh"
	late := map[string]string{
		"b2c.modules": "10-modules.sh", "b2c.iface": "30-network.sh", "b2c.network_timeout": "30-network.sh",
		"b2c.dhcp": "30-network.sh", "b2c.ntp_peer": "35-clock.sh", "BOOTIF": "30-network.sh",
	}
	for _, a := range cmdline.Table {
		if a.Kind == cmdline.Word {
			late[a.Name] = "30-network.sh"
		}
	}
	for name, hook := range late {
		checkTooLate(t, folder, now, name+"=0", "argument "+name+" has no effect any more: it came after "+hook)
	}
	// no hook uses these, or this one or one to come does
	for _, name := range []string{"b2c.log", "b2c.proxy", "b2c.hook", "b2c.filesystem", "b2c.run", "b2c.offline", "b2c.trust_clock"} {
		checkTooLate(t, folder, now, name+"=0")
	}
	checkTooLate(t, folder, now, "b2c.skip=network,run b2c.trace=config b2c.break=05-info b2c.deadline=clock:5,run:5,9m",
		"argument b2c.deadline=clock has no effect any more: it came after 35-clock.sh",
		"argument b2c.skip=network has no effect any more: it came after 30-network.sh",
		"argument b2c.break=info has no effect any more: it came after 05-info.sh")
}

func checkTooLate(t *testing.T, folder, now, text string, want ...string) {
	t.Helper()
	line, err := cmdline.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tooLate(folder, now, line)
	if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
	}
}

func TestUses(t *testing.T) {
	for script, want := range map[string]bool{
		`a="$ip" b`: true, "$ip": true, "${ip}": true, "${ip:-x}": true, "$ipx ip ${ipx}": false, "ip link": false, "export ip": true, "": false, "$": false,
	} {
		if got := uses(script, "ip"); got != want {
			t.Errorf("%q uses ip: %v", script, got)
		}
	}
}
