package registry

import (
	"net/http"
	"testing"
	"unicode"

	"bootrc/kit/retry"
	"bootrc/test/bound"
)

func FuzzChallenges(f *testing.F) {
	f.Add(`Bearer realm="https://auth.example.org/token",service="r",scope="repository:a:pull"`)
	f.Add(`Basic realm="a \"b\"", Digest qop=auth , Bearer`)
	f.Add(`,,= "`)
	f.Fuzz(func(t *testing.T, header string) {
		bound.Input(t, len(header))
		parseChallenges([]string{header, header})
	})
}

// What a registry says of its errors stays within a line.
func FuzzErrors(f *testing.F) {
	f.Add(`{"errors":[{"code":"DENIED","message":"not for you"}]}`, "3")
	f.Add("the disk is on fire\r\n\x1b[2J", "Fri, 27 Nov 2026 16:00:00 GMT")
	f.Add(`{"errors":[{"code":"\u001b[2J"}]}`, "99999999999999999999")
	f.Fuzz(func(t *testing.T, body, after string) {
		bound.Input(t, len(body))
		for _, r := range messageOf([]byte(body)) {
			if unicode.IsControl(r) {
				t.Fatalf("the message has %q", r)
			}
		}
		if pause := retry.After(http.Header{"Retry-After": {after}}); pause < 0 {
			t.Errorf("a pause of %v", pause)
		}
	})
}

func FuzzCredentials(f *testing.F) {
	f.Add(`{"auths": {"https://index.docker.io/v1/": {"auth": "dTpw"}}}`)
	f.Add(`{"a/b": {"identitytoken": "x"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		bound.Input(t, len(text))
		entries, err := parseAuthFile([]byte(text))
		if err == nil {
			for _, entry := range entries {
				entry.credentials()
			}
		}
	})
}
