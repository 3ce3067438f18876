package test

import (
	"regexp"
	"testing"
)

func TestKernelPackages(t *testing.T) {
	for _, c := range []struct {
		series, name string
		want         bool
	}{
		{"6.12", "linux-image-6.12.117+deb12-cloud-amd64", true},
		{"6.12", "linux-image-6.12.117+deb12-cloud-amd64-unsigned", false},
		{"6.12", "linux-image-6.12.117+deb12-cloud-amd64-dbg", false},
		{"6.12", "linux-image-6.12.117+deb12-amd64", false},
		{"6.12", "linux-image-6.12.117+deb12-rt-amd64", false},
		{"6.12", "linux-image-6.12-cloud-amd64", false},
		{"6.1", "linux-image-6.1.0-56-cloud-amd64", true},
		{"6.1", "linux-image-6.12.117+deb12-cloud-amd64", false},
	} {
		if got := regexp.MustCompile(kernelPackage(c.series).expression).MatchString(c.name); got != c.want {
			t.Errorf("%s is a package of %s: %v, want %v", c.name, c.series, got, c.want)
		}
	}
}
