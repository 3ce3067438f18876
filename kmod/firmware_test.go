package kmod

import "testing"

func TestMissingFirmware(t *testing.T) {
	for _, test := range []struct{ record, driver, file string }{
		{"4,512,1234567,-;e100 0000:00:03.0: Direct firmware load for e100/d101m_ucode.bin failed with error -2\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:03.0\n", "e100", "e100/d101m_ucode.bin"},
		{"3,512,1234567,-;e100 0000:00:03.0: firmware: failed to load e100/d101m_ucode.bin (-2)\n", "e100", "e100/d101m_ucode.bin"},
		{"4,512,1234567,-;e100 0000:00:03.0: Direct firmware load for e100/d101m_ucode.bin failed with error -12\n", "", ""},
		{"6,512,1234567,-;e100 0000:00:03.0: firmware: direct-loading firmware e100/d101m_ucode.bin\n", "", ""},
		{"6,1,2,-;; : Direct firmware load for  failed with error -2", "", ""},
		{"", "", ""},
	} {
		driver, file, ok := missingFirmware(test.record)
		if driver != test.driver || file != test.file || ok != (test.file != "") {
			t.Errorf("%q: %q asks for %q, %v", test.record, driver, file, ok)
		}
	}
}
