package test

import (
	"fmt"
	"testing"
)

func TestAnnouncements(t *testing.T) {
	line := announced(fmt.Sprintf(statusWords, "0"))
	for text, want := range map[string]bool{
		"\r\n[12.34]: Execution is over, pipeline status: 0\r\n\r\n":        true,
		"\r\n[   2.1]: Execution is over, pipeline status: 0\r\n\r\n":       true,
		"\r\n[12.34]: Execution is over, pipeline status: 0\n\n":            false,
		"\r\n[12.34]: Execution is over, pipeline status: 0\x1b[0m\r\n\r\n": false,
		"\r\n[12.34]: Execution is over, pipeline status: 01\r\n\r\n":       false,
		"\r\n[12.34]: Execution is over, pipeline status: 0\r\n":            false,
		"x [12.34]: Execution is over, pipeline status: 0\r\n\r\n":          false,
	} {
		if line.MatchString(text) != want {
			t.Errorf("%q: matched is %v, want %v", text, !want, want)
		}
	}
}
