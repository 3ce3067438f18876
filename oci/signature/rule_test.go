package signature

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseRule(t *testing.T) {
	for _, test := range []struct{ text, want, err string }{
		{"registry.example/team,key=/team.pub", "registry.example/team 1 false false false false", ""},
		{"*,key=https://h/k,sha256=00,key=base64:QQ==,pinned,named,forward", "* 2 false true true true", ""},
		{"docker.io,unsigned", "docker.io 0 true false false false", ""},
		{"docker.io,pinned", "docker.io 0 false true false false", ""},
		{"docker.io", "", "expected a key=, or unsigned"},
		{"docker.io,named", "", "expected a key=, or unsigned"},
		{",unsigned", "", "the prefix is missing: * is for all images"},
		{"a,key=/k,unsigned", "", "a key= and unsigned exclude each other"},
		{"a,keys=/k", "", `"keys": expected key=, unsigned, pinned, named or forward`},
		{"a,key=/none", "", "key: no such file"},
		{"a,key=/garbage", "", "no public key in PEM"},
	} {
		rule, err := ParseRule(test.text, func(where string) ([]byte, error) {
			switch where {
			case "/none":
				return nil, errors.New("no such file")
			case "/garbage":
				return []byte("-----BEGIN nothing"), nil
			case "https://h/k":
				return nil, errors.New("the sum is lost")
			}
			return []byte(somePublicKey), nil
		})
		got := fmt.Sprint(rule.Prefix, " ", len(rule.Keys), rule.Unsigned, rule.Pinned, rule.Named, rule.Forward)
		if text := fmt.Sprint(err); test.err != "" && text != test.err || test.err == "" && (err != nil || strings.Join(strings.Fields(got), " ") != test.want) {
			t.Errorf("%s: got %s, %v", test.text, got, err)
		}
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	const short = `-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf
9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==
-----END PUBLIC KEY-----`
	for text, want := range map[string]string{
		"": "public key: ", short: "an RSA key of 512 bits is too short", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n": "expected a public key in PEM, got \"PRIVATE KEY\"",
	} {
		if _, err := ParseKeys([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func TestCheckExpiry(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		expires string
		now     time.Time
		err     string
	}{
		{"", now, ""},
		{"", time.Unix(0, 0), ""},
		{"2027-01-01T00:00:01Z", now, ""},
		{"2027-01-01T00:00:00Z", now, "it was valid until 2027-01-01T00:00:00Z"},
		{"2027-01-01T00:00:01Z", time.Unix(0, 0), "it is valid until 2027-01-01T00:00:01Z, and the clock says 1970-01-01: b2c.ntp_peer= sets it"},
		{"2027-01-01", now, `its time "2027-01-01" is not like 2026-12-31T00:00:00Z`},
	} {
		if err := checkExpiry(test.expires, test.now); test.err == "" && err != nil || test.err != "" && fmt.Sprint(err) != test.err {
			t.Errorf("%q at %v: %v", test.expires, test.now, err)
		}
	}
}
