package secret

import (
	"slices"
	"testing"
)

func TestAssigned(t *testing.T) {
	for text, want := range map[string]string{
		"PASSWORD=hidden":                  "hidden",
		"PGPASSWORD=a=b":                   "a=b",
		"password2=hidden":                 "hidden",
		"pass=hidden":                      "hidden",
		"DB_PASS=hidden":                   "hidden",
		"CI_JOB_TOKEN=hidden":              "hidden",
		"AWS_SECRET_ACCESS_KEY=hidden":     "hidden",
		"SSH_PRIVATE_KEY=hidden":           "hidden",
		"X-Amz-Signature=hidden":           "hidden",
		"sig=hidden":                       "hidden",
		"PASSWORD":                         "",
		"POSTGRES_PASSWORD_FILE=/run/file": "",
		"COMPASS=north":                    "",
		"KEYBOARD=french":                  "",
		"KEY_ID=public":                    "",
		"USER=name":                        "",
		"=x":                               "",
		"TOKENIZERS_PARALLELISM=true":      "",
		"MAX_TOKENS=4096":                  "",
		"MY_TOKEN=12345678":                "12345678",
		"DOCKER_AUTH_CONFIG={}":            "{}",
		"GH_PAT=hidden":                    "hidden",
		"GIT_AUTHOR_NAME=name":             "",
	} {
		if got := Assigned(text); len(got) > 0 && got[0] != want || len(got) == 0 && want != "" {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestInCommands(t *testing.T) {
	for text, want := range map[string][]string{
		"mysql --password hidden --user me":                  {"hidden"},
		"login --password=hidden --token-file /x --tokens 5": {"hidden", "5"},
		"sh -c 'TOKEN=hidden; run && echo password'":         {"hidden"},
		`curl -H "authorization: Bearer hidden"`:             {"hidden"},
		"curl -H 'X-Api-Key: hidden' --key file":             {"hidden"},
		"sort --key=name; key=name; echo pass: --verbose":    nil,
		"--token": {""},
		"":        nil,
	} {
		if got := InCommands(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestInURLs(t *testing.T) {
	for text, want := range map[string][]string{
		"https://glpat-0123456789abcdef@host/x":   {"glpat-0123456789abcdef"},
		"https://some-user@host/x":                nil,
		"https://host/a:b@c":                      nil,
		"http://host:80/a@b":                      nil,
		"http://[::1]:80/a@b":                     nil,
		"https://me@host/":                        nil,
		"https://me:hidden@host:80/":              {"hidden"},
		"HTTPS://me:hidden@host":                  {"hidden"},
		"socks5h://:hidden@host":                  {"hidden"},
		"s3+x.y-z://me:hidden@host":               {"hidden"},
		"http://me:p@ss@host/x@y":                 {"p@ss"},
		"http://me:p/ss@host/":                    {"p/ss"},
		"http://me:p%40ss@host/":                  {"p%40ss", "p@ss"},
		"http=http://a:one@h,https=http://b:two@": {"one", "two"},
		"http=http://h:1,https=http://b:two@h":    {"two"},
		"https://key:first:second@host":           {"first:second", "first", "second"},
		`-e A="http://me:hidden@h/" b`:            {"hidden"},
		"https://h/o?X-Amz-Credential=c%2Fd&X-Amz-Date=1&X-Amz-Signature=f00d#x": {"c%2Fd", "c/d", "f00d"},
		"05-x.sh,https://h/hook?token=hidden,sha256=00":                          {"hidden"},
		"https://h/?a=b": nil,
		"://":            nil,
	} {
		if got := InURLs(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
