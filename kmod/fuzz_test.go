package kmod

import (
	"testing"

	"bootrc/test/bound"
)

// FuzzConfig takes any text for the files of modprobe.d, modules.softdep and the kernel's command
// line, and for a record of its log.
func FuzzConfig(f *testing.F) {
	f.Add("alias a* b\noptions b x=1 \\\n y=2\nblacklist c\nsoftdep d pre: e post: f\ninstall g /bin/false\n")
	f.Add(`b.x="1 2" modprobe.blacklist=a,b rd.driver.blacklist=c --`)
	f.Add("4,1,2,-;e100 0000:00:03.0: Direct firmware load for e100/d101m_ucode.bin failed with error -2")
	f.Fuzz(func(t *testing.T, text string) {
		bound.Input(t, len(text))
		c := &config{blacklist: make(map[string]bool), never: make(map[string]bool), softdeps: make(map[string]softdep)}
		c.parse(text)
		c.parseCmdline(text)
		c.find(text)
		parseSoftdeps(text)
		if _, file, ok := missingFirmware(text); ok && file == "" {
			t.Error("firmware without a name")
		}
	})
}
