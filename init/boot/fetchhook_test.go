package boot

import (
	"strings"
	"testing"

	"bootrc/init/trust"
	"bootrc/kit/sshsig"
)

const someKey = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

// someSum is a SHA-256 sum in hexadecimal digits.
const someSum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func TestParseHook(t *testing.T) {
	trusted := trust.Keys{sshsig.Key("x")}
	for _, test := range []struct {
		text, name, where, sum string
		keys                   int
		err                    string
	}{
		{"55-a.sh,http://h/a", "55-a.sh", "http://h/a", "", 1, ""},
		{"55-a.sh,http://h/a,b?c,d,sha256=" + someSum, "55-a.sh", "http://h/a,b?c,d", someSum, 0, ""},
		{"55-a.sh,http://h/a,key=" + someKey, "55-a.sh", "http://h/a", "", 1, ""},
		{"55-a.sh,http://h/a,key=" + someKey + ",sha256=" + someSum + ",key=" + someKey, "55-a.sh", "http://h/a", someSum, 2, ""},
		{"55-a.sh,http://h/a,key=x,y", "55-a.sh", "http://h/a,key=x,y", "", 1, ""},
		{"55-a.sh,http://h/a,key=x", "", "", "", 0, "key=: expected a public key"},
		{"55-a.sh,http://h/a,sha256=", "", "", "", 0, "sha256=: expected 64 hexadecimal digits"},
		{"55-a.sh,http://h/a,sha256=00", "", "", "", 0, "sha256=: expected 64 hexadecimal digits"},
		{"55-a.sh", "", "", "", 0, "its URL is missing"},
		{"late.sh,http://h/", "", "", "", 0, "a hook's name has the form NN-name.sh"},
		{"55-a/../../x.sh,http://h/", "", "", "", 0, "a hook's name has the form NN-name.sh"},
	} {
		h, err := parseHook(test.text, trusted)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: %v", test.text, err)
			}
			continue
		}
		if err != nil || h.name != test.name || h.from.Where != test.where || h.from.Sum != test.sum || len(h.keys) != test.keys {
			t.Errorf("%s: %+v, %v", test.text, h, err)
		}
	}
}
