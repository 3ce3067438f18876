package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// registry is distribution's on loopback, and behind a link of 50 ms and 100 Mbit/s.
type registry struct {
	cmd  *exec.Cmd
	link net.Listener
}

const address = "127.0.0.1:5599"

func startRegistry(ctx context.Context, folder string) (*registry, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	config := filepath.Join(folder, "config.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: '%s'}\n", folder, address)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return nil, err
	}
	link, err := startLink(address)
	if err != nil {
		return nil, err
	}
	r := &registry{exec.CommandContext(ctx, "docker-registry", "serve", config), link}
	r.cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	if err := r.cmd.Start(); err != nil {
		return nil, errors.Join(err, link.Close())
	}
	for ctx.Err() == nil {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return r, ctx.Err()
}

func (r *registry) stop() {
	r.link.Close()
	r.cmd.Process.Kill()
	r.cmd.Wait()
}

// address is where the registry is, by the slow link or not.
func (r *registry) address(slow bool) string {
	if slow {
		return r.link.Addr().String()
	}
	return address
}

func run(lines ...string) error {
	for _, line := range lines {
		words := strings.Fields(line)
		if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", line, err, out)
		}
	}
	return nil
}
