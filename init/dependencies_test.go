package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The size of the binary is a feature. What stands here once crept in through
// some other package, or would be easy to reach for.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-tags", "netgo,osusergo,seccomp", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	unwanted := []string{
		"github.com/docker/", "github.com/containerd/containerd", "k8s.io/", "google.golang.org/grpc",
		"google.golang.org/protobuf", "github.com/u-root/u-root/", "github.com/opencontainers/go-digest",
		"github.com/google/go-containerregistry/pkg/name", "github.com/google/go-containerregistry/pkg/registry",
		"golang.org/x/crypto/x509roots/fallback", "golang.org/x/net/http/httpproxy", "html/template", "net/http/pprof", "testing", "mvdan.cc/sh/",
	}
	for dependency := range strings.Lines(string(out)) {
		for _, u := range unwanted {
			if d := strings.TrimSpace(dependency); d == u || strings.HasPrefix(d, u) && strings.HasSuffix(u, "/") {
				t.Errorf("the program depends on %s", d)
			}
		}
	}
}

func TestRole(t *testing.T) {
	for _, tt := range []struct{ argv, name, args string }{
		{"/init", "", ""},
		{"/init sh -c x", "sh", "-c x"},
		{"./bootrc pull img", "pull", "img"},
		{"/sbin/modprobe -q -- fs-overlay", "modprobe", "-q -- fs-overlay"},
		{"/bin/sh script", "sh", "script"},
		{"/tmp/init.test ls", "ls", ""},
	} {
		name, args := role(strings.Fields(tt.argv))
		if name != tt.name || strings.Join(args, " ") != tt.args {
			t.Errorf("%s: %q with %q, want %q with %q", tt.argv, name, args, tt.name, tt.args)
		}
	}
}
