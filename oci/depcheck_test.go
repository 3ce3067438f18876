package oci

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImports keeps the import graph small, by naming all of it that is not the
// standard library. Much of what deals with images brings along packages that
// compile regular expressions when the program starts, which it does several
// times a boot: go-containerregistry's pkg/name, pkg/authn and pkg/v1/remote do
// (by opencontainers/go-digest, and docker/cli besides).
func TestImports(t *testing.T) {
	allowed := []string{
		"bootrc/oci", "bootrc/kit",
		"github.com/google/go-containerregistry/pkg/v1",
		"github.com/klauspost/compress", "github.com/ulikunitz/xz", // kit/compression
		"golang.org/x/sync/errgroup",
		"golang.org/x/sys/unix",
	}
	heavy := []string{"github.com/google/go-containerregistry/pkg/v1/", "bootrc/oci/container"}
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".", "./layer", "./store").Output()
	if err != nil {
		t.Fatal(err)
	}
	isUnder := func(path string) func(string) bool {
		return func(parent string) bool {
			return path == parent || strings.HasPrefix(path, strings.TrimSuffix(parent, "/")+"/")
		}
	}
	for _, path := range strings.Fields(string(out)) {
		if path == "github.com/google/go-containerregistry/pkg/v1/types" {
			continue
		}
		if !slices.ContainsFunc(allowed, isUnder(path)) || slices.ContainsFunc(heavy, func(h string) bool { return strings.HasPrefix(path, h) }) {
			t.Errorf("imports %s", path)
		}
	}
}
