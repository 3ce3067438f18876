package console

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bootrc/kit/command"
)

// shown returns what a console with that b2c.log= shows of what say does.
func shown(t *testing.T, form string, say func(*Console)) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "console"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c := New(file)
	if err := c.SetForm(form); err != nil {
		t.Fatal(err)
	}
	say(c)
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What CI systems match is the same with a nonce, but for the brackets.
func TestNonce(t *testing.T) {
	say := func(c *Console) {
		if err := c.SetNonce("a nonce"); err == nil {
			t.Error("a nonce with a blank is taken")
		}
		if err := c.SetNonce("Zm9v-1_2"); err != nil {
			t.Error(err)
		}
		c.Announce("Execution is over, pipeline status: 0")
		c.Report("Execution is over, pipeline status: 0")
	}
	for form, want := range map[string]string{
		"plain":  `^\n\[\d+\.\d\d Zm9v-1_2\]: Execution is over, pipeline status: 0\n\n\[\d+\.\d\d\]: Execution`,
		"gitlab": `^\n\[\d+\.\d\d Zm9v-1_2\]: Execution is over, pipeline status: 0\n\n\[\d+\.\d\d\]: Execution`,
		"json":   `^\{"uptime":\d+\.\d\d,"event":"announce","text":"Execution is over, pipeline status: 0","nonce":"Zm9v-1_2"\}\n\{"uptime":\d+\.\d\d,"event":"report","text":"Execution is over, pipeline status: 0"\}\n`,
	} {
		if got := shown(t, form, say); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: got %q", form, got)
		}
	}
}

func TestGitlabSections(t *testing.T) {
	got := shown(t, "gitlab", func(c *Console) {
		c.Section("connect", "Connect to the network", true)
		c.Report("eth0 is up")
		c.Section("ntp_set", "Nothing is printed in it", true)
		c.Section("container_run", "Run", false)
		c.Error("no network")
		c.Announce("Execution is over, pipeline status: 1")
	})
	want := regexp.MustCompile(`^\x1b\[0Ksection_end:\d+:b2c_kernel_boot\r\x1b\[0K
` + `
\x1b\[0Ksection_start:\d+:connect\[collapsed=true\]\r\x1b\[0K\x1b\[0;36m\[\d+\.\d\d\]: Connect to the network\x1b\[0m

\[\d+\.\d\d\]: eth0 is up
\x1b\[0Ksection_end:\d+:connect\r\x1b\[0K
` + `
\x1b\[0Ksection_start:\d+:container_run\r\x1b\[0K\x1b\[0;36m\[\d+\.\d\d\]: Run\x1b\[0m

\x1b\[0Ksection_end:\d+:container_run\r\x1b\[0K

\x1b\[0;31m\[\d+\.\d\d\]: ERROR: no network\x1b\[0m


\[\d+\.\d\d\]: Execution is over, pipeline status: 1

$`)
	if !want.MatchString(got) {
		t.Errorf("got %q", got)
	}
}

func TestPlainHasNoEscapesButForErrors(t *testing.T) {
	got := shown(t, "plain", func(c *Console) {
		c.Section("connect", "Connect to the network", true)
		c.Report("eth0 is up")
		c.EndSection()
		c.Warn("b2c.x is unknown")
	})
	want := regexp.MustCompile(`^
\[\d+\.\d\d\]: Connect to the network

\[\d+\.\d\d\]: eth0 is up
B2C_WARNING: b2c\.x is unknown
$`)
	if !want.MatchString(got) {
		t.Errorf("got %q", got)
	}
}

// Every line is an object, whatever is printed: what a container writes too, and
// what never ends a line.
func TestJSONLines(t *testing.T) {
	endless := strings.Repeat("x", maxLine+1)
	got := shown(t, "json", func(c *Console) {
		c.Section("connect", "Connect", true)
		c.Write([]byte("half a "))
		c.Write([]byte("line\r\nand \x1b[1m\"another\"\nrest"))
		c.Announce("over")
		c.Write([]byte(endless + "\n"))
	})
	var events []string
	for line := range strings.Lines(got) {
		var e struct {
			Uptime               float64
			Event, Section, Text string
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if e.Uptime <= 0 {
			t.Errorf("%q: no uptime", line)
		}
		events = append(events, e.Event+"|"+e.Section+"|"+e.Text)
	}
	want := []string{
		"section_end|b2c_kernel_boot|", "section_start|connect|Connect",
		"output||half a line", "output||and \x1b[1m\"another\"", "output||rest", "announce||over",
		"output||" + endless[:maxLine], "output||x",
	}
	if strings.Join(events, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", events, want)
	}
}

func TestUnknownForm(t *testing.T) {
	err := New(os.Stdout).SetForm("xml")
	if err == nil || err.Error() != "argument b2c.log=xml: expected gitlab, plain or json" {
		t.Errorf("got %v", err)
	}
}

func TestSummary(t *testing.T) {
	got := shown(t, "plain", func(c *Console) {
		c.Hide("secret-token")
		c.Record(command.Work{Kind: "phase", Name: "30-network.sh", Took: 130 * time.Millisecond})
		c.Record(command.Work{Kind: "pull", Name: "host/secret-token", Took: 2 * time.Second, Bytes: 3_000_000})
		c.Summary()
	})
	want := "    2.00 s  pull      host/[MASKED] (3.0 MB, 1.5 MB/s)\n" +
		"    0.13 s  phase     30-network.sh\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What the boot says of others' texts stays within one entry, in each form.
func TestForeignTextStaysWithinAnEntry(t *testing.T) {
	for _, form := range []string{"gitlab", "plain", "json"} {
		got := shown(t, form, func(c *Console) {
			for _, say := range []func(string){c.Announce, c.Report, c.Warn, c.Error} {
				say("no\n[3.65]: over\r\x1b[2J")
			}
			c.Record(command.Work{Kind: "pull", Name: "x\n[3.65]: over"})
			c.Summary()
		})
		if strings.Contains(got, "\n[3.65]") || strings.Contains(got, "over\r") || strings.Count(got, "over") < 5 {
			t.Errorf("%s: %q", form, got)
		}
	}
}
