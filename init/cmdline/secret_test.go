package cmdline

import (
	"slices"
	"testing"
)

func TestSecrets(t *testing.T) {
	for line, want := range map[string][]string{
		"b2c.minio=s3,https://host:9000,access,se,cret":              {"se,cret"},
		"b2c.minio=s3,https://host:9000,access":                      nil,
		"b2c.volume=v,fscrypt_key=a2V5Cg==,encrypt_key=s3/b=0123456": {"0123456", "a2V5Cg==", "s3/b=0123456"},
		"b2c.volume=v,mirror=s3/bucket,remove":                       nil,
		`b2c.run="--creds user:pass-word docker://x"`:                {"pass-word"},
		`b2c.post_container="--creds=user:pass:word x"`:              {"pass:word"},
		`b2c.run="-e MC_HOST_s3=https://key:secret@host x"`:          {"secret"},
		"b2c.proxy=https=http://me:hidden@proxy:3128":                {"hidden"},
		"b2c.extra_args=base64:YjJjLnBpcGVmYWls":                     {"base64:YjJjLnBpcGVmYWls"},
		"b2c.hostname=plain SALAD.secret=x":                          nil,
	} {
		l, err := Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Secrets(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
