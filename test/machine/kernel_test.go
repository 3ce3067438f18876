package machine

import "testing"

func TestNewestPackage(t *testing.T) {
	names := []string{
		"linux-image-6.1.0-9-cloud-amd64", "linux-image-6.1.0-56-cloud-amd64",
		"linux-image-6.12.9+deb12-cloud-amd64", "linux-image-6.12.117+deb12-cloud-amd64",
		"linux-image-6.12.118+deb12-cloud-amd64-unsigned", "linux-image-6.12.118+deb12-cloud-amd64-dbg",
		"linux-image-6.12.118+deb12-amd64", "linux-image-6.12.118+deb12-rt-amd64", "linux-image-6.1.0-56-amd64", "linux-image-6.12-cloud-amd64",
		"linux-image-6.12.119+deb12-cloud-arm64", "linux-image-6.9.10-cloud-arm64", "linux-image-cloud-arm64",
		"apt-amd64", ".fetch-1",
	}
	for _, c := range []struct{ arch, series, want string }{
		{"amd64", "6.12", "linux-image-6.12.117+deb12-cloud-amd64"},
		{"amd64", "6.1", "linux-image-6.1.0-56-cloud-amd64"},
		{"amd64", "6.12-generic", "linux-image-6.12.118+deb12-amd64"},
		{"amd64", "6.1-generic", "linux-image-6.1.0-56-amd64"},
		{"arm64", "6.12-generic", ""},
		{"amd64", "", "linux-image-6.12.117+deb12-cloud-amd64"},
		{"arm64", "", "linux-image-6.12.119+deb12-cloud-arm64"},
		{"arm64", "6.1", ""},
		{"riscv64", "6.12", ""},
	} {
		got, err := newestPackage(names, c.arch, c.series)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s, series %q: got %q, %v, want %q", c.arch, c.series, got, err, c.want)
		}
	}
}
