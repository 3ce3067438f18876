package test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
)

// registry is a docker-registry (CNCF distribution) on loopback.
type registry struct {
	address string // 127.0.0.1:PORT
	command *exec.Cmd
}

// registryConfig lets the kernel choose the port.
const registryConfig = `version: 0.1
log: {level: info, formatter: text, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: %q}}
http: {addr: "127.0.0.1:0"}
`

// startRegistry starts an empty registry that keeps its images below dir.
func startRegistry(dir string) (*registry, error) {
	config := filepath.Join(dir, "registry.yml")
	text := fmt.Sprintf(registryConfig, filepath.Join(dir, "registry"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("docker-registry", "serve", config)
	cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: ./test.sh installs it", err)
	}
	address, err := listening(log)
	if err != nil {
		cmd.Process.Kill()
		return nil, fmt.Errorf("start docker-registry: %w", err)
	}
	return &registry{address, cmd}, nil
}

// listening reads a registry's log until it says where it listens; the rest is
// read in the background, to nowhere.
func listening(log io.Reader) (address string, err error) {
	said := regexp.MustCompile(`listening on (127\.0\.0\.1:[0-9]+)`)
	lines := bufio.NewScanner(log)
	var seen []byte
	for lines.Scan() {
		seen = append(append(seen, lines.Bytes()...), '\n')
		if m := said.FindSubmatch(lines.Bytes()); m != nil {
			go io.Copy(io.Discard, log)
			return string(m[1]), nil
		}
	}
	return "", fmt.Errorf("it ended, and had said:\n%s", seen)
}

// stop ends the registry.
func (r *registry) stop() {
	r.command.Process.Kill()
	r.command.Wait()
}
