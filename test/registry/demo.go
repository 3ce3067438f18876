package registry

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// ServeDemo serves the demo image for arch at an address, and returns its reference.
func ServeDemo(address, arch string) (reference string, err error) {
	program, err := compile("bootrc/test/boot/hello", arch)
	if err != nil {
		return "", err
	}
	return Serve(address, "hello", arch, program)
}

// PushDemo pushes the demo image for arch to a registry, under that reference.
func PushDemo(reference, arch string) error {
	program, err := compile("bootrc/test/boot/hello", arch)
	if err != nil {
		return err
	}
	image, err := single("hello", program, arch)
	if err != nil {
		return err
	}
	return push(image, reference)
}

// compile builds a Go command as one static file for arch, and returns that.
func compile(command, arch string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "demo")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", file, command)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build %s for %s: %w\n%s", command, arch, err, out)
	}
	return os.ReadFile(file)
}
