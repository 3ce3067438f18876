package reference

import (
	"strings"
	"testing"

	"bootrc/test/bound"
)

func TestParse(t *testing.T) {
	hex := strings.Repeat("0123456789abcdef", 4)
	tests := []struct{ in, want string }{
		{"alpine", "docker.io/library/alpine:latest"},
		{"alpine:3.20", "docker.io/library/alpine:3.20"},
		{"docker://alpine", "docker.io/library/alpine:latest"},
		{"docker.io/alpine", "docker.io/library/alpine:latest"},
		{"index.docker.io/library/alpine", "docker.io/library/alpine:latest"},
		{"user/image:tag", "docker.io/user/image:tag"},
		{"localhost/image", "localhost/image:latest"},
		{"docker://localhost:5000/a/b_c/d-e.f:T_1.x-y", "localhost:5000/a/b_c/d-e.f:T_1.x-y"},
		{"10.0.2.2:5000/box", "10.0.2.2:5000/box:latest"},
		{"[::1]:5000/box", "[::1]:5000/box:latest"},
		{"Host/box", "Host/box:latest"},
		{"a__b/c--d", "docker.io/a__b/c--d:latest"},
		{"alpine@sha256:" + hex, "docker.io/library/alpine@sha256:" + hex},
		{"alpine:3.20@sha256:" + hex, "docker.io/library/alpine@sha256:" + hex},
		{"sha256:" + hex, "sha256:" + hex},
		{"sha256:0123ab", "sha256:0123ab"},
		{hex, hex},
		{"deadbeef", "docker.io/library/deadbeef:latest"},
		{"sha256:latest", "docker.io/library/sha256:latest"},
		{"oci:/images/box", "oci:/images/box"},
		{"oci:images/../box:v1", "oci:box:v1"},
		{"oci-archive:/box.tar", "oci-archive:/box.tar"},
		{"oci-archive:/box.tar:registry.example/box:v1", "oci-archive:/box.tar:registry.example/box:v1"},
		{"docker-archive:box.tar", "docker-archive:box.tar"},
		{"docker-archive:/box.tar:box", "docker-archive:/box.tar:docker.io/library/box:latest"},
		{"oci-archive:https://host:8443/a/box.tar?x=y", "oci-archive:https://host:8443/a/box.tar?x=y"},
		{"oci-archive:http://host/box.tar:registry.example/box:v1", "oci-archive:http://host/box.tar:registry.example/box:v1"},
		{"docker-archive:s3://alias/bucket/box.tar:box", "docker-archive:s3://alias/bucket/box.tar:docker.io/library/box:latest"},
		{"oci:http://[::1]:80/layout:v1", "oci:http://[::1]:80/layout:v1"},
		{"oci", "docker.io/library/oci:latest"},
	}
	for _, test := range tests {
		r, err := Parse(test.in)
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if got := r.String(); got != test.want {
			t.Errorf("%s: got %s, want %s", test.in, got, test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", "name is empty"},
		{"docker://", "name is empty"},
		{":tag", "name is empty"},
		{"https://host/box", "https:// is no transport"},
		{"dir://x", "dir:// is no transport"},
		{"Alpine", "capital letters"},
		{"host.example/Box", "capital letters"},
		{"alpine:", "tag"},
		{"alpine:-x", "tag"},
		{"alpine:" + strings.Repeat("x", 129), "tag"},
		{"alpine:a b", "tag"},
		{"al pine", "not of letters and digits"},
		{"a//b", "not of letters and digits"},
		{"/a", "not of letters and digits"},
		{"a/../b", "not of letters and digits"},
		{"a/b/", "not of letters and digits"},
		{"a___b", "not of letters and digits"},
		{"a..b/c", "not a host's name"},
		{"-a.b/c", "not a host's name"},
		{"host:/box", "not a host's name"},
		{"host:port/box", "not a host's name"},
		{"[x]:1/box", "not a host's name"},
		{"alpine@sha256:123", "not like sha256:"},
		{"alpine@md5:0123456789abcdef0123456789abcdef", "not like sha256:"},
		{strings.Repeat("a/", 140) + "a", "bytes long"},
		{"oci:http://host", "URL has no host or no path"},
		{"oci:https:///x", "URL has no host or no path"},
		{"oci-archive:http://host/x:", "name after the URL is empty"},
		{"oci:", "path is missing"},
		{"oci:/a:", "name after the path is empty"},
		{"oci-archive::x", "path is missing"},
		{"docker-archive:/a:B", "capital letters"},
		{"oci:/a\x00", "NUL"},
	}
	for _, test := range tests {
		if r, err := Parse(test.in); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, %v, want an error with %q", test.in, r, err, test.want)
		}
	}
}

func TestReferenceIn(t *testing.T) {
	for in, want := range map[string]string{
		"oci:https://h/x": "oci:https://h/x",
		"oci:box:v1":      "oci:/dir/box:v1", "oci:/box": "oci:/box", "docker-archive:../b.tar": "docker-archive:/b.tar", "box": "docker.io/library/box:latest",
	} {
		r, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.In("/dir").String(); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

// FuzzParse: what is read is read again from its full form, as the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"alpine", "docker://localhost:5000/a/b:c", "a.b/c@sha256:" + strings.Repeat("0", 64), "oci:/a:b",
		"docker-archive:a:b:c", "[::1]:5/x", "deadbeef", "sha256:00", "oci-archive:./x/..:y",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		bound.Input(t, len(s))
		r, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(r.String())
		if err != nil {
			t.Fatalf("%q is read as %q, which is not read: %v", s, r, err)
		}
		if again.String() != r.String() {
			t.Fatalf("%q is read as %q, and that as %q", s, r, again)
		}
	})
}
