package volume

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func mapText(m map[string]string) string { return fmt.Sprint(m) }

func TestParseArgument(t *testing.T) {
	never := "it is never mirrored: neither pull_on nor push_on says when"
	for _, tt := range []struct {
		text     string
		want     Argument
		warnings []string
	}{
		{text: "tmp", want: Argument{Name: "tmp"}},
		{text: "tmp,", want: Argument{Name: "tmp"}},
		{text: "j,mirror=gw/j,pull_on=pipeline_start,push_on=changes,overwrite,preserve,remove,expiration=pipeline_end",
			want: Argument{Name: "j", Expiration: "pipeline_end", PullFrom: "gw/j", PushTo: "gw/j",
				PullOn: []string{"pipeline_start"}, PushOn: []string{"changes"},
				MirrorOptions: []string{"--overwrite", "--preserve", "--remove"}}},
		{text: "j,push_to=gw/j/p,push_on=container_end|pipeline_end|container_end,exclude=*.o,exclude=a b,encrypt_key=gw/j=abc=",
			want: Argument{Name: "j", PushTo: "gw/j/p", PushOn: []string{"container_end", "pipeline_end"},
				MirrorOptions: []string{"--exclude", "*.o", "--exclude", "a b", "--encrypt-key", "gw/j=abc="}}},
		{text: "j,fscrypt_key=QUJD/+==,fscrypt_reset_key", want: Argument{Name: "j", Key: "QUJD/+==", ResetKey: true}},
		{text: "j,filesystem=nfs,expiration=+7d", want: Argument{Name: "j", Filesystem: "nfs", Expiration: "+7d"}},

		{text: "j,pull_from=gw/j,pull_on=changes|pipeline_end", want: Argument{Name: "j", PullFrom: "gw/j", PullOn: []string{"changes"}},
			warnings: []string{"pull_on: with the condition changes, all others are ignored"}},
		{text: "j,pull_from=gw/j,pull_on=start|pipeline_end", want: Argument{Name: "j", PullFrom: "gw/j", PullOn: []string{"pipeline_end"}},
			warnings: []string{`pull_on: the condition "start" is unknown: there are pipeline_start, container_start, container_end, pipeline_end, changes`}},
		{text: "j,mirror=gw/j", want: Argument{Name: "j", PullFrom: "gw/j", PushTo: "gw/j"}, warnings: []string{never}},
		{text: "j,push_on=changes", want: Argument{Name: "j"},
			warnings: []string{"push_on is ignored without mirror or push_to"}},
		{text: "j,fscript_key=SECRET,overwrite=1,mirror,shiny", want: Argument{Name: "j"},
			warnings: []string{`the parameter "fscript_key" is unknown, or takes no value; did you mean "fscrypt_key"?`, `the parameter "overwrite" is unknown, or takes no value`,
				`the parameter "mirror" is unknown, or needs a value`, `the parameter "shiny" is unknown, or needs a value`}},
		{text: "j,fscrypt_reset_key", want: Argument{Name: "j", ResetKey: true},
			warnings: []string{"fscrypt_reset_key is ignored without fscrypt_key"}},
	} {
		got, err := ParseArgument(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if !slices.Equal(got.Warnings, tt.warnings) {
			t.Errorf("%s: warnings %q, want %q", tt.text, got.Warnings, tt.warnings)
		}
		got.Warnings = nil
		if fmt.Sprintf("%#v", *got) != fmt.Sprintf("%#v", tt.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", tt.text, *got, tt.want)
		}
	}
}

func TestBadArguments(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  `"" is no volume's name`,
		"../../etc,overwrite":               `"../../etc" is no volume's name`,
		"j,expiration=soon":                 `expiration "soon": expected never, pipeline_end`,
		"j,expiration=":                     "",
		"j,filesystem=x,fscrypt_key=QUJD":   "a filesystem cannot be encrypted by fscrypt_key",
		"j;reboot,overwrite":                `"j;reboot" is no volume's name`,
		"j,expiration=7d":                   `expiration "7d"`,
		"j,expiration=+7y":                  `expiration "+7y"`,
		"j,expiration=+99999d":              `expiration "+99999d"`,
		"j,expiration=2026-13-01":           `expiration "2026-13-01"`,
		"j,expiration=2026-12-01T25:00:00Z": `expiration "2026-12-01T25:00:00Z"`,
	} {
		_, err := ParseArgument(text)
		if got := fmt.Sprint(err); want != "" && !strings.Contains(got, want) || want == "" && err != nil {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestStoppedClock(t *testing.T) {
	stopped := time.Unix(100, 0)
	if _, err := ParseExpiration("+7d", stopped); !errors.Is(err, ErrNoClock) {
		t.Errorf("a time from now: %v", err)
	}
	for _, text := range []string{"never", "pipeline_end", "2027-01-31"} {
		if _, err := ParseExpiration(text, stopped); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestExpirations(t *testing.T) {
	now := time.Date(2026, 12, 24, 12, 0, 0, 123, time.UTC)
	for text, want := range map[string]string{
		"never":                     "never",
		"pipeline_end":              "pipeline_end",
		"+36h":                      "2026-12-26T00:00:00Z",
		"+7d":                       "2026-12-31T12:00:00Z",
		"+2w":                       "2027-01-07T12:00:00Z",
		"+0d":                       "2026-12-24T12:00:00Z",
		"2027-01-31":                "2027-01-31T00:00:00Z",
		"2027-01-31T18:00:00+01:00": "2027-01-31T17:00:00Z",
	} {
		e, err := ParseExpiration(text, now)
		if err != nil || e.String() != want {
			t.Errorf("%s: %v, %v, want %s", text, e, err, want)
		}
		if again, err := ParseExpiration(e.String(), time.Time{}); err != nil || again != e {
			t.Errorf("%s: written and read again it is %v, %v", text, again, err)
		}
	}
}
