package console

import (
	"regexp"
	"testing"
)

// What failed stands in no folded section, and once more, with its cause, in the list at the end.
func TestCauses(t *testing.T) {
	got := shown(t, "gitlab", func(c *Console) {
		c.Hide("secret-token")
		c.Section("ntp_set", "Synchronize the clock", true)
		c.Complain("ntpdate: a: no answer")
		c.Nonfatal("the clock is not set")
		c.Began()
		c.Complain("dhcp: an earlier attempt")
		c.Began()
		c.Section("connect", "Connect", true)
		c.Report("eth0 is up")
		c.Complain("fetch: https://secret-token@host: refused")
		c.Blame("40-config.sh: line 3", "exit status 1")
		c.Complain("runc-create: late")
		c.Blame("60-run.sh", "")
		c.Causes()
	})
	want := regexp.MustCompile(`^\x1b\[0Ksection_end:\d+:b2c_kernel_boot\r\x1b\[0K
ntpdate: a: no answer
\[\d+\.\d\d\]: the clock is not set \(not fatal\)
dhcp: an earlier attempt

\x1b\[0Ksection_start:.*
\[\d+\.\d\d\]: eth0 is up
\x1b\[0Ksection_end:\d+:connect\r\x1b\[0K
fetch: https://\[MASKED\]@host: refused
runc-create: late

\x1b\[0;31mWhat failed: 40-config.sh: line 3: fetch: https://\[MASKED\]@host: refused\x1b\[0m
Not fatal: the clock is not set: ntpdate: a: no answer
$`)
	if !want.MatchString(regexp.MustCompile("\n\n(\\[)").ReplaceAllString(got, "\n$1")) {
		t.Errorf("got %q", got)
	}
}

// Without a complaint, what is known otherwise is the cause; what holds nothing back prints nothing.
func TestCausesWithoutComplaints(t *testing.T) {
	got := shown(t, "plain", func(c *Console) {
		c.Causes()
		c.Blame("35-x.sh: line 3", "35-x.sh: exit status 3")
		c.Causes()
	})
	if want := "\n\x1b[0;31mWhat failed: 35-x.sh: exit status 3\x1b[0m\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
